// SPDX-License-Identifier: MIT
#include "emulator/gateway/stream_reply.h"

#include <utility>

namespace phork::emulator {

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
  state_ = connection_.send(reply) ? State::kRefused : State::kLost;
}

}  // namespace phork::emulator
