// SPDX-License-Identifier: MIT
//
// A streamed answer as the response to one HTTP request: its head leaves once the prelude is
// complete, its body as it comes. An answer without a prelude is a body of its own type. Lives
// while the request is handled, on the thread of its connection, which it borrows.
// A bad prelude is 502, as behind a function URL, and the function runs on unheard; a failure after
// the head has left cuts the connection, so that the client sees that something is missing.
#pragma once

#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/event/stream_sink.h"
#include "emulator/gateway/stream_prelude.h"
#include "emulator/http/connection.h"

namespace phork::emulator {

class StreamReply final : public StreamSink {
 public:
  explicit StreamReply(HttpConnection& connection) : connection_(connection) {}

  void open(const std::string& content_type) override;
  bool write(std::string_view bytes) override;

  // The event is over. False when the request is still unanswered: `result` was no stream, or
  // failed before its head was known.
  bool finish(const EventResult& result);

  // Why the prelude was refused; empty when it was not.
  const std::string& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t { kNoStream, kPrelude, kRaw, kBody, kRefused, kLost };

  void begin(HttpReply head, std::string_view first_part);
  void read_prelude(std::string_view bytes);
  void refuse(std::string reason);

  HttpConnection& connection_;
  State state_ = State::kNoStream;
  std::string content_type_;
  StreamPrelude prelude_;
  std::string refusal_;
};

}  // namespace phork::emulator
