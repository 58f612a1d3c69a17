// SPDX-License-Identifier: MIT
//
// A streamed answer whose process was killed before its end. An API that sees the body cut off
// refuses all further requests, so another process that holds the socket, too, ends the body. The
// kernel knows how many bytes got into the socket, and a StreamMark where in the body that is.
// https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {

// A longer write becomes several chunks, so that no more than this has to be filled up.
inline constexpr std::size_t kMaxChunkBytes = std::size_t{256} * 1024;

// The line before the bytes of a chunk: their number in hexadecimal.
class SizeLine {
 public:
  explicit SizeLine(std::size_t bytes);

  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + 2> text_{};
  std::size_t size_ = 0;
};

// May lie in memory that processes share. The functions below keep it true at each instruction: a
// chunk is recorded before its first byte is sent, and its beginning before its size.
struct StreamMark {
  std::uint64_t written_before = 0;   // bytes that got into the socket before the request
  std::uint64_t chunk_begins_at = 0;  // in the request, whose head comes first; 0: no stream
  std::uint64_t chunk_bytes = 0;      // without size line and line end; 0: no chunk yet
};

// Marks nothing where `socket` is not one of TCP.
void mark_head(StreamMark& mark, int socket, std::size_t head_bytes);
void mark_chunk(StreamMark& mark, std::size_t bytes);
void mark_end(StreamMark& mark);

// Call it when no process writes to `socket` any more. The chunk under way is filled up with
// spaces, and `failure` goes into the trailers, as with RuntimeApi::end_stream(); where the end has
// left already, only the reply is read. `mark` and `socket` need not be trusted. kInvalid: no
// stream has begun, its head has not left as a whole, or the mark cannot be that of this socket.
// kTimeout: `deadline` passed. kDisconnected: the API is gone. After any error the connection is
// shut down for all who hold it, and the failure can be posted on another one.
base::Result<Posted> finish_cut_stream(base::Fd socket, StreamMark mark,
                                       const event::Failure& failure, base::Deadline deadline);

}  // namespace phork::lambda
