// SPDX-License-Identifier: MIT
#include "runtime/process/line_reader.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace phork::process {
namespace {

// A pipe's default capacity: one read empties it.
constexpr std::size_t kChunkBytes = 64U << 10;
constexpr std::size_t kLongestLine = 256U << 10;
// As much as a pipe can be made to hold. A process that writes faster than we read must not keep us
// from looking at the clock.
constexpr std::size_t kMostAtOnce = 1U << 20;

}  // namespace

bool LineReader::drain(const Sink& sink) {
  for (std::size_t bytes = 0; bytes < kMostAtOnce && pipe_.valid();) {
    const std::size_t got = read_once(sink);
    if (got == 0) break;
    bytes += got;
  }
  return pipe_.valid();
}

bool LineReader::read_some(const Sink& sink) {
  if (pipe_.valid()) read_once(sink);
  return pipe_.valid();
}

// The number of bytes that were there.
std::size_t LineReader::read_once(const Sink& sink) {
  std::array<char, kChunkBytes> chunk;
  ssize_t got = -1;
  do {
    got = ::read(pipe_.get(), chunk.data(), chunk.size());
  } while (got == -1 && errno == EINTR);
  if (got > 0) {
    pending_.append(chunk.data(), static_cast<std::size_t>(got));
    hand_on_lines(sink);
    return static_cast<std::size_t>(got);
  }
  if (got == -1 && errno == EAGAIN) return 0;
  pipe_.reset();
  end_line(sink);
  return 0;
}

void LineReader::end_line(const Sink& sink) {
  if (!pending_.empty()) sink(pending_);
  pending_.clear();
}

void LineReader::hand_on_lines(const Sink& sink) {
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = pending_.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    sink(std::string_view(pending_).substr(begin, end - begin));
  }
  pending_.erase(0, begin);
  if (pending_.size() >= kLongestLine) {
    sink(pending_);
    pending_.clear();
  }
}

}  // namespace phork::process
