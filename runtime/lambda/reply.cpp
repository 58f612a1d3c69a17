// SPDX-License-Identifier: MIT
#include "runtime/lambda/reply.h"

#include <algorithm>
#include <utility>

#include "runtime/base/text.h"

namespace phork::lambda {
namespace {

using base::equal_in_any_case;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kMaxSizeLineBytes = 256;

// The size of the chunk behind this line, which may have extensions.
std::optional<std::size_t> parse_chunk_size(std::string_view line) {
  const auto size = base::take_number<std::size_t>(line, 16);
  const std::string_view rest = base::trim(line, base::kHttpBlanks);
  return rest.empty() || rest.front() == ';' ? size : std::nullopt;
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// "keep-alive, Close" has "close".
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (equal_in_any_case(base::trim(item, base::kHttpBlanks), token)) return true;
    list.remove_prefix(std::min(item.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

std::optional<HeaderLine> take_header(std::string_view& lines) {
  if (lines.empty()) return std::nullopt;
  const std::string_view line = lines.substr(0, lines.find(kLineEnd));
  lines.remove_prefix(std::min(line.size() + kLineEnd.size(), lines.size()));
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return HeaderLine{"", line};
  return HeaderLine{line.substr(0, colon), base::trim(line.substr(colon + 1), base::kHttpBlanks)};
}

std::string_view Reply::header(std::string_view name) const {
  std::string_view lines = header_lines;
  while (const auto header = take_header(lines)) {
    if (!header->value.empty() && equal_in_any_case(header->name, name)) return header->value;
  }
  return "";
}

std::string Reply::body() const {
  if (!is_chunked) return std::string(content);
  std::string body;
  for (std::string_view rest = content;;) {
    const std::size_t line_end = rest.find(kLineEnd);
    const std::size_t size = parse_chunk_size(rest.substr(0, line_end)).value_or(0);
    if (size == 0) return body;
    body.append(rest.substr(line_end + kLineEnd.size(), size));
    rest.remove_prefix(line_end + kLineEnd.size() + size + kLineEnd.size());
  }
}

ReplyParser::State ReplyParser::parse(std::string_view bytes) {
  while (state_ == State::kHead && read_head(bytes)) continue;
  if (state_ != State::kBody) return state_;
  if (is_chunked_) {
    read_chunks(bytes);
  } else if (!ends_with_connection_ && bytes.size() >= needed_) {
    end_at(needed_);
  } else if (ends_with_connection_ && bytes.size() - body_begin_ > kMaxBodyBytes) {
    refuse("a body of at most " + std::to_string(kMaxBodyBytes) + " bytes", "more");
  }
  return state_;
}

ReplyParser::State ReplyParser::finish(std::string_view bytes) {
  if (state_ == State::kBody && ends_with_connection_) end_at(bytes.size());
  return state_;
}

Reply ReplyParser::reply(std::string_view bytes) const {
  return {.status = status_,
          .header_lines = bytes.substr(lines_begin_, lines_end_ - lines_begin_),
          .content = bytes.substr(body_begin_, end_ - body_begin_),
          .is_chunked = is_chunked_,
          .keeps_connection = keeps_connection_ && bytes.size() == end_};
}

// Looks for one head. True where it was that of an interim reply, which another one follows.
bool ReplyParser::read_head(std::string_view bytes) {
  const std::string_view rest = bytes.substr(at_);
  if (!rest.starts_with(kVersion) && !kVersion.starts_with(rest)) {
    return refuse("an http response", "something else");
  }
  // The end may have begun in the bytes of the last time.
  const std::size_t overlap = std::min(searched_ - at_, kHeadEnd.size() - 1);
  const std::size_t end = bytes.find(kHeadEnd, searched_ - overlap);
  if (std::min(end, bytes.size()) > kMaxHeadBytes) {
    return refuse("a head of at most " + std::to_string(kMaxHeadBytes) + " bytes", "a longer one");
  }
  if (end == std::string_view::npos) {
    searched_ = bytes.size();
    return false;
  }
  const std::size_t status_end = bytes.find(kLineEnd, at_);
  if (!read_status(bytes.substr(at_, status_end - at_))) return false;
  lines_begin_ = status_end + kLineEnd.size();
  lines_end_ = std::max(lines_begin_, end + kLineEnd.size());
  body_begin_ = at_ = searched_ = end + kHeadEnd.size();

  Framing framing;
  std::string_view lines = bytes.substr(lines_begin_, lines_end_ - lines_begin_);
  while (const auto header = take_header(lines)) {
    if (!read_header(*header, framing)) return false;
  }
  if (status_ < 200) return true;
  begin_body(std::move(framing));
  return false;
}

// "HTTP/1.1 202 Accepted"
bool ReplyParser::read_status(std::string_view line) {
  constexpr std::size_t kCodeAt = 9;
  constexpr std::size_t kCodeEnd = 12;
  const bool is_separated = line.size() >= kCodeEnd && line[kCodeAt - 1] == ' ' &&
                            (line.size() == kCodeEnd || line[kCodeEnd] == ' ');
  const std::string_view code = is_separated ? line.substr(kCodeAt, kCodeEnd - kCodeAt) : "";
  const auto number = base::parse_number<unsigned>(code);
  if (!number || *number < 100 || *number >= 600) {
    return refuse("an http response", "something else");
  }
  status_ = static_cast<int>(*number);
  keeps_connection_ = !line.starts_with("HTTP/1.0");
  return true;
}

bool ReplyParser::read_header(const HeaderLine& header, Framing& framing) {
  if (!is_name(header.name) || !is_value(header.value)) {
    return refuse("header lines of name, colon and text", "something else");
  }
  if (equal_in_any_case(header.name, "Content-Length")) {
    const auto length = base::parse_number<std::size_t>(header.value);
    if (!length) {
      framing.error = "expected a number as Content-Length, got something else";
    } else if (framing.length.value_or(*length) != *length) {
      framing.error = "expected one Content-Length, got two";
    }
    framing.length = length;
  }
  if (equal_in_any_case(header.name, "Transfer-Encoding")) {
    framing.is_chunked = true;
    if (!equal_in_any_case(header.value, "chunked")) {
      framing.error = "expected 'chunked' as Transfer-Encoding, got something else";
    }
  }
  if (equal_in_any_case(header.name, "Connection") && has_token(header.value, "close")) {
    keeps_connection_ = false;
  }
  return true;
}

void ReplyParser::begin_body(Framing framing) {
  if (framing.error.empty() && framing.is_chunked && framing.length) {
    framing.error = "expected Content-Length or Transfer-Encoding, got both";
  }
  if (framing.length.value_or(0) > max_body_bytes()) {
    framing.error = "expected a body of at most " + std::to_string(max_body_bytes()) +
                    " bytes, got " + std::to_string(*framing.length);
  }
  if (status_ == 204 || status_ == 304) framing = {.length = 0, .is_chunked = false, .error = ""};

  const bool has_end = framing.error.empty() && (framing.length || framing.is_chunked);
  if (!has_end) keeps_connection_ = false;
  if (!has_end && body_ == Body::kOptional) return end_at(at_);
  if (!framing.error.empty()) {
    error_ = std::move(framing.error);
    state_ = State::kInvalid;
    return;
  }
  state_ = State::kBody;
  is_chunked_ = framing.is_chunked;
  ends_with_connection_ = !has_end;
  if (framing.length) needed_ = at_ + *framing.length;
}

void ReplyParser::read_chunks(std::string_view bytes) {
  for (;;) {
    const std::size_t line_end = bytes.find(kLineEnd, at_);
    const std::string_view line = bytes.substr(at_, line_end - at_);
    const auto size = parse_chunk_size(line);
    const bool is_whole = line_end != std::string_view::npos;
    if (line.size() > kMaxSizeLineBytes || (is_whole && !size)) {
      refuse("the size of a chunk", "something else");
    }
    if (state_ == State::kInvalid || !is_whole) return;
    if (*size == 0) {
      read_trailers(bytes, line_end);
      return;
    }
    if (*size > max_body_bytes() - body_bytes_) {
      refuse("chunks of at most " + std::to_string(max_body_bytes()) + " bytes", "more");
      return;
    }
    const std::size_t chunk_end = line_end + kLineEnd.size() + *size;
    needed_ = chunk_end + kLineEnd.size();
    if (bytes.size() < needed_) return;
    if (bytes.substr(chunk_end, kLineEnd.size()) != kLineEnd) {
      refuse("a line end behind a chunk", "something else");
      return;
    }
    body_bytes_ += *size;
    at_ = needed_;
  }
}

// `from` is the end of the last size line.
void ReplyParser::read_trailers(std::string_view bytes, std::size_t from) {
  const std::size_t end = bytes.find(kHeadEnd, from);
  if (std::min(end, bytes.size()) - from > kMaxHeadBytes) {
    refuse("trailers of at most " + std::to_string(kMaxHeadBytes) + " bytes", "more");
  } else if (end != std::string_view::npos) {
    end_at(end + kHeadEnd.size());
  }
}

void ReplyParser::end_at(std::size_t end) {
  end_ = end;
  state_ = State::kWhole;
}

// False, for the caller to return.
bool ReplyParser::refuse(const std::string& expected, const std::string& got) {
  error_ = "expected " + expected + ", got " + got;
  state_ = State::kInvalid;
  return false;
}

}  // namespace phork::lambda
