// SPDX-License-Identifier: MIT
//
// Makes the response to one HTTP request from a streamed answer. A streamed answer may begin with a
// prelude: a JSON object with statusCode, headers, multiValueHeaders and cookies, then eight NUL
// bytes. The head of the response is sent once the prelude is complete, the body as it arrives.
// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/http/connection.h"
#include "emulator/http/message.h"
#include "runtime/base/result.h"

namespace phork::emulator {

inline constexpr std::size_t kMaxPreludeBytes = std::size_t{1} << 20;
// The type of a streamed answer without a Content-Type.
inline constexpr std::string_view kDefaultStreamType = "application/octet-stream";

// True if an answer of this type begins with a prelude.
bool has_prelude(std::string_view content_type);

// Reads the prelude from parts of any size. A wrong or endless prelude is an Error that says why.
class StreamPrelude {
 public:
  // Removes the bytes of the prelude from the front of `bytes`. Returns the head of the reply once
  // the prelude is complete; until then nullopt.
  base::Result<std::optional<HttpReply>> read(std::string_view& bytes);

 private:
  std::string text_;
  std::size_t json_bytes_ = 0;  // length of the JSON in text_, as far as received
};

// Lives while the request is handled, on the thread of its connection, which it borrows. A bad
// prelude gives 502, as from a function URL, while the function runs on; a failure after the head
// was sent cuts the connection, so that the client sees that something is missing.
class StreamReply final : public StreamSink {
 public:
  explicit StreamReply(HttpConnection& connection) : connection_(connection) {}

  void open(const std::string& content_type) override;
  bool write(std::string_view bytes) override;

  // Ends the response with the result of the event. False when the request is still unanswered: the
  // answer was not streamed, or failed before its head was complete.
  bool finish(const EventResult& result);

  // The status that the client has; 0 without a reply.
  int status() const { return status_; }

  // Why the prelude was refused; empty if it was not.
  const std::string& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t { kNoStream, kPrelude, kRaw, kBody, kRefused, kLost };

  void begin(HttpReply head, std::string_view first_part);
  void read_prelude(std::string_view bytes);
  void refuse(std::string reason);

  HttpConnection& connection_;
  State state_ = State::kNoStream;
  int status_ = 0;
  std::string content_type_;
  StreamPrelude prelude_;
  std::string refusal_;
};

}  // namespace phork::emulator
