// SPDX-License-Identifier: MIT
#include "emulator/http/message.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using base::lower_case;
using base::trim;
using event::NameValue;

// Removes the first line from `text` and returns it without its line end; accepts a bare LF.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A byte that no header value has, and with which one could end the header for another reader.
bool is_control(char byte) {
  return (static_cast<unsigned char>(byte) < ' ' && byte != '\t') || byte == '\x7f';
}

// A "name: value" line, with the name as sent.
std::optional<NameValue> split_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !http::is_token(line.substr(0, colon)))
    return std::nullopt;
  const std::string_view value = trim(line.substr(colon + 1), base::kHttpBlanks);
  if (std::ranges::any_of(value, is_control)) return std::nullopt;
  return NameValue{std::string(line.substr(0, colon)), std::string(value)};
}

// Replaces line breaks, with which a value could forge headers.
void append_value(std::string& head, std::string_view value) {
  for (const char byte : value) head += byte == '\r' || byte == '\n' ? ' ' : byte;
}

// Writes the status line and the reply's own headers.
std::string write_fields(const HttpReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ';
  if (reply.reason.empty()) {
    head.append(http::reason_phrase(static_cast<std::uint16_t>(reply.status)));
  } else {
    append_value(head, reply.reason);
  }
  head.append("\r\n");
  for (const NameValue& header : reply.headers) {
    head.append(header.name).append(": ");
    append_value(head, header.value);
    head.append("\r\n");
  }
  return head;
}

void append_connection(std::string& head, const HttpRequest& request, bool keep) {
  if (!keep) {
    head.append("connection: close\r\n");
  } else if (request.http_1_0) {
    head.append("connection: keep-alive\r\n");
  }
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &NameValue::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string_view HttpReply::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [name](const NameValue& header) {
    return base::equal_in_any_case(header.name, name);
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string_view HttpRequest::raw_path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view HttpRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

bool HttpRequest::keep_alive() const {
  const std::string_view connection = header("connection");
  return http_1_0 ? has_token(connection, "keep-alive") : !has_token(connection, "close");
}

bool HttpRequest::chunked() const {
  return std::ranges::any_of(headers, [](const NameValue& header) {
    return header.name == "transfer-encoding" && has_token(header.value, "chunked");
  });
}

base::Result<HttpReply> parse_reply_head(std::string_view head) {
  HttpReply reply;
  const std::string_view line = take_line(head);
  constexpr std::size_t kStatusAt = 9;  // "HTTP/1.1 200 OK"
  constexpr std::size_t kStatusEnd = 12;
  const std::optional<std::size_t> status =
      line.size() < kStatusEnd
          ? std::nullopt
          : base::parse_number<std::size_t>(line.substr(kStatusAt, kStatusEnd - kStatusAt));
  if (!line.starts_with("HTTP/1.") || !status) {
    return Error{ErrorKind::kInvalid, "http: parse reply: expected a status line, got '" +
                                          std::string(line.substr(0, 80)) + "'"};
  }
  reply.status = static_cast<int>(*status);
  if (line.size() > kStatusEnd) reply.reason = trim(line.substr(kStatusEnd));
  while (!head.empty()) {
    const std::string_view field = take_line(head);
    if (field.empty()) break;
    std::optional<NameValue> header = split_field(field);
    if (!header) {
      return Error{ErrorKind::kInvalid, "http: parse reply: expected 'name: value', got '" +
                                            std::string(field.substr(0, 80)) + "'"};
    }
    reply.headers.push_back(std::move(*header));
  }
  return reply;
}

std::optional<NameValue> parse_header_line(std::string_view line) {
  std::optional<NameValue> header = split_field(line);
  if (header) header->name = lower_case(header->name);
  return header;
}

bool has_token(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    if (base::equal_in_any_case(trim(value.substr(0, comma)), token)) return true;
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
  }
  return false;
}

std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

std::string write_reply_head(const HttpReply& reply, const HttpRequest& request) {
  std::string head = write_fields(reply);
  const bool has_length =
      std::ranges::find(reply.headers, "content-length", &NameValue::name) != reply.headers.end();
  // A reply to HEAD states the length that a GET would have; 204 and 304 must not state one.
  if (!has_length && reply.status != 204 && reply.status != 304) {
    head.append("content-length: ").append(std::to_string(reply.body.size())).append("\r\n");
  }
  append_connection(head, request, request.keep_alive());
  return head.append("\r\n");
}

BodyFraming open_framing(int status, const HttpRequest& request) {
  if (!sends_body(status, request.method)) return BodyFraming::kNone;
  return request.http_1_0 ? BodyFraming::kClose : BodyFraming::kChunked;
}

std::string write_open_reply_head(const HttpReply& reply, const HttpRequest& request) {
  std::string head = write_fields(reply);
  const BodyFraming framing = open_framing(reply.status, request);
  if (framing == BodyFraming::kChunked) head.append("transfer-encoding: chunked\r\n");
  append_connection(head, request, request.keep_alive() && framing != BodyFraming::kClose);
  return head.append("\r\n");
}

void append_part(std::string& out, BodyFraming framing, std::string_view bytes) {
  // An empty chunk would end the body.
  if (framing == BodyFraming::kNone || bytes.empty()) return;
  if (framing == BodyFraming::kClose) {
    out.append(bytes);
    return;
  }
  std::array<char, 2 * sizeof(std::size_t)> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
  out.append(digits.data(), end).append("\r\n").append(bytes).append("\r\n");
}

bool sends_body(int status, std::string_view method) {
  return method != "HEAD" && status != 204 && status != 304;
}

}  // namespace phork::emulator
