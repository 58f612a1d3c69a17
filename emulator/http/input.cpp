// SPDX-License-Identifier: MIT
#include "emulator/http/input.h"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace phork::emulator {
namespace {

constexpr std::size_t kReceiveBytes = std::size_t{64} << 10;

}  // namespace

std::optional<std::string_view> HttpInput::take_head() {
  return take_through("\r\n\r\n");
}

std::optional<std::string_view> HttpInput::take_line() {
  std::optional<std::string_view> line = take_through("\r\n");
  if (line) line->remove_suffix(2);
  return line;
}

std::optional<std::string_view> HttpInput::take_some(std::size_t most) {
  if (consumed_ == buffer_.size() && !fill()) return std::nullopt;
  const std::string_view some = std::string_view(buffer_).substr(consumed_, most);
  consumed_ += some.size();
  return some;
}

std::optional<std::string_view> HttpInput::take_through(std::string_view end) {
  std::size_t found = std::string::npos;
  while ((found = buffer_.find(end, consumed_)) == std::string::npos) {
    if (too_long() || !fill()) return std::nullopt;
  }
  const std::size_t length = found + end.size() - consumed_;
  const std::string_view taken = std::string_view(buffer_).substr(consumed_, length);
  consumed_ += length;
  return taken;
}

// Receives more bytes behind those in the buffer. False when the peer has closed.
bool HttpInput::fill() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReceiveBytes);
  ssize_t received = -1;
  do {
    received = ::recv(socket_, buffer_.data() + had, kReceiveBytes, 0);
  } while (received < 0 && errno == EINTR);
  buffer_.resize(had + (received > 0 ? static_cast<std::size_t>(received) : 0));
  return received > 0;
}

}  // namespace phork::emulator
