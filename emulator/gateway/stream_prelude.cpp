// SPDX-License-Identifier: MIT
#include "emulator/gateway/stream_prelude.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "emulator/gateway/answer.h"
#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using event::NameValue;

constexpr std::size_t kSeparatorBytes = 8;

Error garbled(std::string_view expected) {
  std::string text = "http: read stream prelude: expected ";
  return {ErrorKind::kInvalid, text.append(expected)};
}

// The same field in `headers` and `multiValueHeaders` is one field.
void add_missing(Headers& headers, Headers more) {
  for (NameValue& header : more) {
    if (std::ranges::find(headers, header) == headers.end()) headers.push_back(std::move(header));
  }
}

bool read_cookies(const simdjson::dom::object& prelude, Headers& headers) {
  simdjson::dom::element cookies;
  if (prelude["cookies"].get(cookies) != simdjson::SUCCESS || cookies.is_null()) return true;
  simdjson::dom::array list;
  if (cookies.get(list) != simdjson::SUCCESS) return false;
  for (const auto cookie : list) {
    std::string_view text;
    if (cookie.get(text) != simdjson::SUCCESS) return false;
    NameValue header{"set-cookie", std::string(text)};
    if (!http::is_well_formed(header)) return false;
    headers.push_back(std::move(header));
  }
  return true;
}

base::Result<HttpReply> parse_prelude(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object prelude;
  if (parser.parse(json.data(), json.size()).get(prelude) != simdjson::SUCCESS) {
    return garbled("a JSON object");
  }
  HttpReply reply;
  if (prelude["statusCode"].error() == simdjson::SUCCESS && !read_status(prelude, reply)) {
    return garbled("a statusCode from 200 to 599");
  }
  if (!read_header_texts(prelude, "headers", reply.headers)) {
    return garbled("headers to be an object of well-formed fields");
  }
  Headers more;
  if (!read_header_lists(prelude, "multiValueHeaders", more)) {
    return garbled("multiValueHeaders to be an object of lists of well-formed fields");
  }
  add_missing(reply.headers, std::move(more));
  if (!read_cookies(prelude, reply.headers)) return garbled("cookies to be a list of texts");
  if (!has_header(reply.headers, "content-type")) {
    reply.headers.push_back({"content-type", std::string(kDefaultStreamType)});
  }
  return reply;
}

}  // namespace

bool has_prelude(std::string_view content_type) {
  return base::equal_in_any_case(base::trim(content_type.substr(0, content_type.find(';'))),
                                 "application/vnd.awslambda.http-integration-response");
}

base::Result<std::optional<HttpReply>> StreamPrelude::read(std::string_view& bytes) {
  // A NUL is no part of any JSON, so the first one is the end of it.
  const std::size_t searched = json_bytes_;
  text_.append(bytes);
  json_bytes_ = std::min(text_.find('\0', searched), text_.size());
  const std::string_view text = text_;
  const std::string_view json = text.substr(0, json_bytes_);
  if (json.size() > kMaxPreludeBytes) return garbled("at most 1 MiB before its eight NUL bytes");
  const std::string_view separator = text.substr(json.size(), kSeparatorBytes);
  if (separator.find_first_not_of('\0') != std::string_view::npos) {
    return garbled("eight NUL bytes behind the JSON");
  }
  if (separator.size() < kSeparatorBytes) {
    bytes = {};
    return std::optional<HttpReply>();
  }
  base::Result<HttpReply> head = parse_prelude(json);
  if (!head) return std::move(head).error();
  // The end of the prelude came with these bytes: before them it was not complete.
  bytes = bytes.substr(bytes.size() - (text.size() - json.size() - kSeparatorBytes));
  return std::optional<HttpReply>(std::move(head).value());
}

}  // namespace phork::emulator
