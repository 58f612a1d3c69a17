// SPDX-License-Identifier: MIT
#include "emulator/http/request_head.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "emulator/http/authority.h"
#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::emulator {
namespace {

using base::trim;
using event::NameValue;

constexpr int kBadRequest = 400;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

// The result of a step: a refusal, or nullopt to continue with the next step.
using Refusal = std::optional<HeadRefusal>;

HeadRefusal malformed(std::string_view reason) {
  return {kBadRequest, std::string(reason)};
}

// Removes the first line from `text` and returns it without its CRLF; nullopt without one.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// "HTTP/1.1"
Refusal read_version(std::string_view version, HttpRequest& request) {
  constexpr std::string_view kForm = "HTTP/x.x";
  const bool fits = version.size() == kForm.size() && version.starts_with("HTTP/") &&
                    is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!fits) return malformed("expected 'METHOD TARGET HTTP/1.1'");
  if (version[5] != '1') return HeadRefusal{kVersionNotSupported, "this is not HTTP/1"};
  request.http_1_0 = version[7] == '0';
  return std::nullopt;
}

// Splits an absolute target, which proxies get and servers must take, into `authority` and a path.
Refusal read_absolute(std::string_view target, HttpRequest& request, std::string& authority) {
  const std::string scheme = base::lower_case(target.substr(0, target.find(':')));
  if (scheme != "http" && scheme != "https") {
    return malformed("expected a target that begins with '/', http:// or https://");
  }
  target.remove_prefix(scheme.size());
  if (!target.starts_with("://")) return malformed("expected '://' behind the target's scheme");
  target.remove_prefix(3);
  authority = target.substr(0, target.find_first_of("/?"));
  if (!parse_authority(authority)) return malformed("the target's host is malformed");
  target.remove_prefix(authority.size());
  request.target = target.starts_with('/') ? "" : "/";
  request.target += target;
  return std::nullopt;
}

Refusal read_target(std::string_view target, HttpRequest& request, std::string& authority) {
  const auto forbidden = [](char byte) {
    return static_cast<unsigned char>(byte) <= ' ' || byte == '\x7f';
  };
  if (target.empty() || std::ranges::any_of(target, forbidden)) {
    return malformed("the target is empty or has a blank or a control character");
  }
  if (target.find('#') != std::string_view::npos) return malformed("the target has a fragment");
  if (request.method == "CONNECT") return HeadRefusal{kNotImplemented, "this is not a proxy"};
  if (target.starts_with('/') || (target == "*" && request.method == "OPTIONS")) {
    request.target = target;
    return std::nullopt;
  }
  return read_absolute(target, request, authority);
}

Refusal read_request_line(std::string_view line, HttpRequest& request, std::string& authority) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end =
      method_end == std::string_view::npos ? method_end : line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos || !http::is_token(line.substr(0, method_end))) {
    return malformed("expected 'METHOD TARGET HTTP/1.1'");
  }
  request.method = line.substr(0, method_end);
  if (Refusal refusal = read_version(line.substr(target_end + 1), request)) return refusal;
  return read_target(line.substr(method_end + 1, target_end - method_end - 1), request, authority);
}

Refusal read_fields(std::string_view& head, HttpRequest& request) {
  while (const std::optional<std::string_view> field = take_line(head)) {
    if (field->empty()) return std::nullopt;
    if (field->front() == ' ' || field->front() == '\t') {
      return malformed("a header is folded over two lines");
    }
    std::optional<NameValue> header = parse_header_line(*field);
    if (!header) return malformed("expected headers of the form 'name: value'");
    request.sent_names.emplace_back(field->substr(0, header->name.size()));
    request.headers.push_back(std::move(*header));
  }
  return malformed("expected an empty line behind the headers");
}

// All values of the header of that (lower-case) name.
std::vector<std::string_view> values_of(const HttpRequest& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const NameValue& header : request.headers) {
    if (header.name == name) values.emplace_back(header.value);
  }
  return values;
}

// https://www.rfc-editor.org/rfc/rfc9112#section-3.2
Refusal settle_host(HttpRequest& request, const std::string& authority) {
  const std::vector<std::string_view> hosts = values_of(request, "host");
  if (hosts.size() > 1) return malformed("there is more than one Host");
  if (hosts.empty() && !request.http_1_0) return malformed("there is no Host");
  if (!hosts.empty() && !parse_authority(hosts.front())) return malformed("Host is malformed");
  if (authority.empty()) return std::nullopt;
  const auto host = std::ranges::find(request.headers, "host", &NameValue::name);
  if (host != request.headers.end()) {
    host->value = authority;
  } else {
    request.headers.push_back({"host", authority});
    request.sent_names.emplace_back("Host");
  }
  return std::nullopt;
}

// Only "chunked", once and last, tells where the body ends.
// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
Refusal check_codings(const std::vector<std::string_view>& values) {
  std::vector<std::string> codings;
  for (std::string_view rest : values) {
    while (!rest.empty()) {
      const std::string_view coding = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), coding.size() + 1));
      const std::string_view name = trim(coding, base::kHttpBlanks);
      if (!name.empty()) codings.push_back(base::lower_case(name));
    }
  }
  if (codings.empty() || codings.back() != "chunked") {
    return malformed("expected chunked as the last transfer coding");
  }
  codings.pop_back();
  if (std::ranges::find(codings, "chunked") != codings.end()) {
    return malformed("the transfer coding chunked is applied twice");
  }
  if (codings.empty()) return std::nullopt;
  return HeadRefusal{kNotImplemented, "expected no transfer coding but chunked"};
}

// Refuses a body whose end is not certain.
Refusal check_framing(const HttpRequest& request) {
  const std::vector<std::string_view> lengths = values_of(request, "content-length");
  const std::vector<std::string_view> codings = values_of(request, "transfer-encoding");
  if (lengths.size() > 1) return malformed("there is more than one Content-Length");
  if (!lengths.empty() && (!std::ranges::all_of(lengths.front(), is_digit) ||
                           !base::parse_number<std::size_t>(lengths.front()))) {
    return malformed("Content-Length is not a number");
  }
  if (codings.empty()) return std::nullopt;
  if (!lengths.empty()) return malformed("there are both Content-Length and Transfer-Encoding");
  if (request.http_1_0) return malformed("HTTP/1.0 has no Transfer-Encoding");
  return check_codings(codings);
}

}  // namespace

HeadOrRefusal parse_request_head(std::string_view head) {
  HttpRequest request;
  std::string authority;
  const std::string_view line = take_line(head).value_or("");
  Refusal refusal = read_request_line(line, request, authority);
  if (!refusal) refusal = read_fields(head, request);
  if (!refusal) refusal = settle_host(request, authority);
  if (!refusal) refusal = check_framing(request);
  if (refusal) return std::move(*refusal);
  return request;
}

}  // namespace phork::emulator
