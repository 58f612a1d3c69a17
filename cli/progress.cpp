// SPDX-License-Identifier: MIT
#include "cli/progress.h"

#include <array>
#include <utility>

#include "runtime/base/io.h"

namespace phork::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\033[K";
// One column less than the narrowest usual terminal: a full line would wrap and could not be
// erased.
constexpr std::size_t kWidth = 79;

// Control characters would move the cursor.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

}  // namespace

Progress::Progress(int fd, bool terminal, std::string name)
    : fd_(fd), terminal_(terminal), name_(std::move(name)) {}

void Progress::show(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const std::string line = name_ + ": " + printable(text);
  if (!terminal_) {
    write(line + '\n');
    return;
  }
  write(std::string(kEraseLine) + line.substr(0, kWidth));
  shown_ = true;
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  write(kEraseLine);
  shown_ = false;
}

void Progress::write(std::string_view text) const {
  std::array<iovec, 1> parts{base::as_iovec(text)};
  static_cast<void>(base::write_all(fd_, parts).ok());
}

}  // namespace phork::cli
