// SPDX-License-Identifier: MIT
//
// The body of one request, part by part as it comes off the connection, whichever framing it has.
// Not reading on is what slows the sender down. Lives on the connection's thread while its request
// is handled. A body that is cut or whose framing breaks ends without being complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/http/input.h"
#include "emulator/http/message.h"
#include "runtime/event/invocation.h"

namespace phork::emulator {

class HttpBody {
 public:
  // `input` stands behind the head of the request.
  HttpBody(HttpInput& input, const HttpRequest& head);

  // The next bytes, valid until the next call; nothing once the body is over.
  std::optional<std::string_view> next();
  // Reads on to the end, so that the sender hears an answer instead of a reset; gives up on what
  // has no end.
  void drop_rest();

  // Whether the end that the framing promised has come.
  bool complete() const { return state_ == State::kComplete; }

  // Those of a complete chunked body.
  std::vector<event::NameValue> take_trailers() { return std::move(trailers_); }

 private:
  enum class State : std::uint8_t { kFirstChunk, kNextChunk, kBytes, kComplete, kBroken };

  State read_chunk_head();
  State read_trailers();

  HttpInput& input_;
  bool chunked_ = false;
  State state_ = State::kBytes;
  std::size_t left_ = 0;  // bytes still to come, of the body or of the chunk
  std::vector<event::NameValue> trailers_;
};

// The whole of `body` into `request`, unless it is longer than `limit` or does not end, which is
// noted there.
void keep_body(HttpBody& body, std::size_t limit, HttpRequest& request);

}  // namespace phork::emulator
