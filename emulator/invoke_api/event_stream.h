// SPDX-License-Identifier: MIT
//
// The reply to InvokeWithResponseStream: frames of application/vnd.amazon.eventstream. A frame is a
// prelude (two lengths and their checksum), headers, a payload, and a checksum of all of it.
// Numbers are big-endian, checksums CRC-32. Lambda sends only headers whose values are text.
// https://smithy.io/2.0/aws/amazon-eventstream.html
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/http/connection.h"
#include "runtime/event/invocation.h"

namespace phork::emulator {

// The CRC-32 of zlib and gzip. `before` is the checksum of the preceding bytes.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

// One frame. Names may have at most 255 bytes, values at most 65,535.
std::string event_frame(std::span<const event::NameValue> headers, std::string_view payload);

// The frame of a part of the function's answer.
std::string payload_chunk(std::string_view bytes);

// The end of an invocation; empty fields are left out of the frame.
struct StreamCompletion {
  std::string error_code;     // "Unhandled"
  std::string error_details;  // the function's error as JSON text
  std::string log_result;     // the end of the log, in base64
};

std::string invoke_complete(const StreamCompletion& completion);

// Sends frames as the function streams, and at the end one with the outcome; an answer that was not
// streamed is one part. A failure of the function is reported in the last frame of a reply with
// status 200. Lives while the request is handled, on the thread of its connection, which it
// borrows.
class InvokeStream final : public StreamSink {
 public:
  // `headers`: those of every reply to the invocation.
  InvokeStream(HttpConnection& connection, std::vector<event::NameValue> headers);

  void open(const std::string& content_type) override;
  bool write(std::string_view bytes) override;

  // Sends the result of the event. `log_result` is empty unless requested.
  void finish(const EventResult& result, const std::string& log_result);

 private:
  HttpConnection& connection_;
  std::vector<event::NameValue> headers_;
  bool begun_ = false;
  bool lost_ = false;  // the caller is gone
};

}  // namespace phork::emulator
