// SPDX-License-Identifier: MIT
#include "emulator/observe/log_sink.h"

#include <array>
#include <utility>

#include "runtime/base/io.h"

namespace phork::emulator {

LogSink::LogSink(int fd, Form form)
    : fd_(fd), form_(std::move(form)), writer_([this] { write_lines(); }) {}

LogSink::~LogSink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

void LogSink::append(std::string_view message) {
  write(form_ ? form_(message) : message);
}

void LogSink::write(std::string_view line) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = pending_.empty();
    pending_.append(line).append("\n");
  }
  if (was_empty) changed_.notify_all();
}

void LogSink::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return pending_.empty() && !writing_; });
}

void LogSink::write_lines() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !pending_.empty() || stopping_; });
    if (pending_.empty()) return;
    const std::string batch = std::exchange(pending_, {});
    writing_ = true;
    lock.unlock();
    std::array<iovec, 1> parts{base::as_iovec(batch)};
    // The log is the only place to report that it has no reader.
    static_cast<void>(base::write_all(fd_, parts));
    lock.lock();
    writing_ = false;
    changed_.notify_all();
  }
}

}  // namespace phork::emulator
