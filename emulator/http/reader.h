// SPDX-License-Identifier: MIT
//
// Reads HTTP/1.x messages off a connection: HttpInput takes heads, lines and bytes, HttpBody takes
// a body part by part in any framing. Both block, on the thread that owns the connection. A slow
// reader slows the sender down, as nothing is received ahead of it but one buffer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/http/message.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::emulator {

// The longest head, and the most bytes of trailers, that are accepted: the limit of Lambda's own
// servers.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{1} << 20;

// Received bytes that nobody has taken yet. Each view that it returns is valid until the next call;
// nullopt means that nothing more can be read.
class HttpInput {
 public:
  // Borrows `socket`.
  explicit HttpInput(int socket) : socket_(socket) {}

  // From here on, receiving fails with kTimeout after `deadline`.
  void set_deadline(base::Deadline deadline);
  // From here on, receiving fails with kTimeout when the sender is slower than `bytes_per_second`
  // over a time of `patience`.
  void set_pace(std::chrono::milliseconds patience, std::size_t bytes_per_second);

  // Waits for a byte. False when none will come.
  bool wait_for_byte() { return consumed_ < buffer_.size() || fill(); }

  // True if bytes were received that belong to something incomplete.
  bool has_bytes() const { return consumed_ < buffer_.size(); }

  // Everything up to and including the first empty line. Empty lines before it are skipped, as some
  // clients send one behind a body.
  std::optional<std::string_view> take_head();
  // One line of at most `most` bytes, without its line end.
  std::optional<std::string_view> take_line(std::size_t most);
  // Received bytes, at least one and at most `most`; waits while there are none.
  std::optional<std::string_view> take_some(std::size_t most);
  // True if the next two bytes are a line end, which this takes.
  bool take_line_end();

  // True if the last nullopt was due to a head or line over its limit.
  bool too_long() const { return too_long_; }

  // Why receiving failed: kDisconnected at the end of the stream. Empty before a failure.
  const std::optional<base::Error>& failure() const { return failure_; }

 private:
  std::optional<std::size_t> find_line_end(std::size_t from, std::size_t most);
  std::string_view take(std::size_t bytes);
  bool fill();

  const int socket_;
  base::Deadline deadline_ = base::kNoDeadline;
  std::chrono::milliseconds patience_{0};
  std::size_t bytes_per_second_ = 0;  // 0: bytes do not move the deadline
  std::string buffer_;
  std::size_t consumed_ = 0;  // bytes of buffer_ that were taken
  bool too_long_ = false;
  std::optional<base::Error> failure_;
};

class HttpBody {
 public:
  // The body of a request; `input` is positioned behind its head.
  HttpBody(HttpInput& input, const HttpRequest& head);
  // The body of a reply to a request with `method`.
  HttpBody(HttpInput& input, const HttpReply& head, std::string_view method);

  // The next bytes, valid until the next call; nullopt at the end, complete or not.
  std::optional<std::string_view> next();
  // Reads to the end, so that the sender gets the reply instead of a RST; gives up after 1 GiB.
  void drop_rest();

  // True if the body has ended as its framing announced.
  bool complete() const { return state_ == State::kComplete; }

  // True if the trailers have more than kMaxHeadBytes.
  bool trailers_too_long() const { return trailers_too_long_; }

  // True if only the end of the connection ends the body.
  bool ends_connection() const { return until_close_; }

  // The trailers of a complete chunked body.
  std::vector<event::NameValue> take_trailers() { return std::move(trailers_); }

 private:
  enum class State : std::uint8_t { kFirstChunk, kNextChunk, kBytes, kComplete, kBroken };

  void expect_bytes(std::string_view length);
  State read_chunk_head();
  State read_trailers();

  HttpInput& input_;
  bool chunked_ = false;
  bool until_close_ = false;
  bool trailers_too_long_ = false;
  State state_ = State::kBytes;
  std::size_t left_ = 0;  // bytes still to come, of the body or of the chunk
  std::vector<event::NameValue> trailers_;
};

// Reads all of `body` into `request`. A body over `limit` or without an end sets body_too_large or
// body_truncated there.
void keep_body(HttpBody& body, std::size_t limit, HttpRequest& request);

}  // namespace phork::emulator
