// SPDX-License-Identifier: MIT
//
// A streamed response, from the connection it comes on into the pipe to its caller, and what it
// comes to in the end. Runs on the thread of the runtime's connection; knows nothing of states.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html (response streaming)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/http/body.h"

namespace phork::emulator {

struct RelayedStream {
  enum class End : std::uint8_t {
    kComplete,  // with trailers, which may say that it failed
    kCut,       // the runtime went away before the end
    kTooLong,   // what fits has been passed on
    kUnwanted,  // the caller does not want the rest
    kEnded,     // somebody else has ended the event
  };

  End end = End::kUnwanted;
  std::optional<Clock::time_point> first_byte;
  std::vector<event::NameValue> trailers;
};

// What went wrong with such a stream, for the log; of a complete one that its trailers did.
std::string_view describe_failure(RelayedStream::End end);

// Returns when the body is over, or there is no use in reading on.
RelayedStream relay_stream(HttpBody& body, StreamPipe& pipe, std::size_t most_bytes);

// What a complete stream with these trailers is to its caller: an answer, or the error in them.
EventResult result_of_trailers(const std::vector<event::NameValue>& trailers,
                               std::string_view content_type);

}  // namespace phork::emulator
