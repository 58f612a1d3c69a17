// SPDX-License-Identifier: MIT
#include "emulator/event/stream_pipe.h"

#include <algorithm>

namespace phork::emulator {

bool StreamPipe::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  while (!bytes.empty()) {
    changed_.wait(lock,
                  [this] { return waiting_.size() < kCapacityBytes || closed_ || abandoned_; });
    if (closed_ || abandoned_) return false;
    const std::size_t step = std::min(bytes.size(), kCapacityBytes - waiting_.size());
    const bool was_empty = waiting_.empty();
    waiting_.append(bytes.substr(0, step));
    bytes.remove_prefix(step);
    if (was_empty) changed_.notify_all();
  }
  return !closed_ && !abandoned_;
}

void StreamPipe::detach_writer() {
  const std::lock_guard lock(mutex_);
  interrupt_ = nullptr;
}

bool StreamPipe::abandoned() const {
  const std::lock_guard lock(mutex_);
  return abandoned_;
}

void StreamPipe::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool StreamPipe::read(std::string& bytes) {
  bytes.clear();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty() || closed_; });
  const bool was_full = waiting_.size() == kCapacityBytes;
  std::swap(bytes, waiting_);  // both strings keep their memory
  if (was_full) changed_.notify_all();
  return !bytes.empty();
}

void StreamPipe::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  waiting_.clear();
  changed_.notify_all();
  if (interrupt_) interrupt_();
}

}  // namespace phork::emulator
