// SPDX-License-Identifier: MIT
//
// Forwards a streamed response from the runtime's connection into the pipe to its caller, and reads
// its trailers. Runs on the thread of the runtime's connection.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html (response streaming)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/http/connection.h"
#include "emulator/http/reader.h"

namespace phork::emulator {

struct RelayedStream {
  enum class End : std::uint8_t {
    kComplete,  // with trailers, which may contain an error
    kCut,       // the runtime closed before the end
    kTooLong,   // the part within the limit was forwarded
    kUnwanted,  // the caller does not want the rest
    kEnded,     // another thread has ended the event
  };

  End end = End::kUnwanted;
  std::optional<Clock::time_point> first_byte;
  std::vector<event::NameValue> trailers;
};

// The failure for the log; kComplete counts as failed by its trailers.
std::string_view describe_failure(RelayedStream::End end);

// Returns at the end of the body, or earlier when nobody wants the rest.
RelayedStream relay_stream(HttpBody& body, StreamPipe& pipe, std::size_t most_bytes);

// The result of a complete stream with these trailers: an answer, or the error in the trailers.
EventResult result_of_trailers(const std::vector<event::NameValue>& trailers,
                               std::string_view content_type);

// Sends the runtime its reply to a stream of which at most `limit` bytes are taken.
void reply_to_stream(RelayedStream::End end, std::size_t limit, HttpBody& body,
                     HttpConnection& connection);

}  // namespace phork::emulator
