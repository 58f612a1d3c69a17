// SPDX-License-Identifier: MIT
#include "emulator/gateway/stream_reply.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "emulator/gateway/answer.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kSeparatorBytes = 8;

Error bad_prelude(std::string_view expected) {
  std::string text = "http: read stream prelude: expected ";
  return {ErrorKind::kInvalid, text.append(expected)};
}

base::Result<HttpReply> parse_prelude(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object prelude;
  if (parser.parse(json.data(), json.size()).get(prelude) != simdjson::SUCCESS) {
    return bad_prelude("a JSON object");
  }
  HttpReply reply;
  if (prelude["statusCode"].error() == simdjson::SUCCESS && !read_status(prelude, reply)) {
    return bad_prelude("a statusCode from 200 to 599");
  }
  if (!read_header_texts(prelude, "headers", reply.headers)) {
    return bad_prelude("headers to be an object of well-formed fields");
  }
  Headers more;
  if (!read_header_lists(prelude, "multiValueHeaders", more)) {
    return bad_prelude("multiValueHeaders to be an object of lists of well-formed fields");
  }
  add_missing(reply.headers, std::move(more));
  if (!read_cookies(prelude, reply.headers)) return bad_prelude("cookies to be a list of texts");
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
  // JSON contains no NUL, so the first one ends it.
  const std::size_t searched = json_bytes_;
  text_.append(bytes);
  json_bytes_ = std::min(text_.find('\0', searched), text_.size());
  const std::string_view text = text_;
  const std::string_view json = text.substr(0, json_bytes_);
  if (json.size() > kMaxPreludeBytes)
    return bad_prelude("at most 1 MiB before its eight NUL bytes");
  const std::string_view separator = text.substr(json.size(), kSeparatorBytes);
  if (separator.find_first_not_of('\0') != std::string_view::npos) {
    return bad_prelude("eight NUL bytes behind the JSON");
  }
  if (separator.size() < kSeparatorBytes) {
    bytes = {};
    return std::optional<HttpReply>();
  }
  base::Result<HttpReply> head = parse_prelude(json);
  if (!head) return std::move(head).error();
  // The prelude ended inside these bytes, as it was not complete before them.
  bytes = bytes.substr(bytes.size() - (text.size() - json.size() - kSeparatorBytes));
  return std::optional<HttpReply>(std::move(head).value());
}

void StreamReply::open(const std::string& content_type) {
  content_type_ = content_type.empty() ? std::string(kDefaultStreamType) : content_type;
  state_ = has_prelude(content_type) ? State::kPrelude : State::kRaw;
}

bool StreamReply::write(std::string_view bytes) {
  switch (state_) {
    case State::kPrelude:
      read_prelude(bytes);
      break;
    case State::kRaw:
      begin({200, {{"content-type", content_type_}}, {}}, bytes);
      break;
    case State::kBody:
      if (!connection_.send_part(bytes)) state_ = State::kLost;
      break;
    case State::kNoStream:
    case State::kRefused:
    case State::kLost:
      break;
  }
  return state_ != State::kLost;
}

bool StreamReply::finish(const EventResult& result) {
  if (result.answered() && state_ == State::kRaw) {
    begin({200, {{"content-type", content_type_}}, {}}, {});
  } else if (result.answered() && state_ == State::kPrelude) {
    refuse("http: read stream prelude: expected eight NUL bytes, got the end of the response");
  }
  if (state_ == State::kBody && !(result.answered() && connection_.finish())) state_ = State::kLost;
  if (state_ == State::kLost) connection_.shut_down();
  return state_ == State::kBody || state_ == State::kRefused || state_ == State::kLost;
}

void StreamReply::begin(HttpReply head, std::string_view first_part) {
  head.body = first_part;
  status_ = head.status;
  state_ = connection_.begin(head) ? State::kBody : State::kLost;
}

void StreamReply::read_prelude(std::string_view bytes) {
  base::Result<std::optional<HttpReply>> head = prelude_.read(bytes);
  if (!head) {
    refuse(std::move(head).error().text);
  } else if (head.value()) {
    begin(std::move(*head.value()), bytes);
  }
}

void StreamReply::refuse(std::string reason) {
  refusal_ = std::move(reason);
  const HttpReply reply{
      502, {{"content-type", "application/json"}}, R"({"message":"Internal Server Error"})"};
  status_ = reply.status;
  state_ = connection_.send(reply) ? State::kRefused : State::kLost;
}

}  // namespace phork::emulator
