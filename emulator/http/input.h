// SPDX-License-Identifier: MIT
//
// What a connection has received and nobody has used yet. Reads from a socket that it borrows, on
// the thread of whoever reads requests. The end of the stream, a lost peer and too long a line look
// the same: there is nothing more to read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace phork::emulator {

// Heads of requests are kept up to the limit of Lambda's own servers, and single lines likewise.
inline constexpr std::size_t kMaxHeadBytes = std::size_t{1} << 20;

class HttpInput {
 public:
  explicit HttpInput(int socket) : socket_(socket) {}

  // Up to and with the first empty line. A view of what is kept here, as from all that follows:
  // until the next call.
  std::optional<std::string_view> take_head();
  // Without its end.
  std::optional<std::string_view> take_line();
  // What is there, at least one byte and at most `most`; waits while there is none.
  std::optional<std::string_view> take_some(std::size_t most);

  // Whether the last failure was for its length.
  bool too_long() const { return buffer_.size() - consumed_ > kMaxHeadBytes; }

 private:
  std::optional<std::string_view> take_through(std::string_view end);
  bool fill();

  const int socket_;
  std::string buffer_;  // used up to `consumed_`
  std::size_t consumed_ = 0;
};

}  // namespace phork::emulator
