// SPDX-License-Identifier: MIT
//
// No slot asks for an event before all of them are open, so that one that cannot be opened is still
// a failure of the init. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/pinned.h"

namespace phork::supervisor {

class StartGate : private base::Pinned {
 public:
  explicit StartGate(unsigned slots) : missing_(slots) {}

  // A slot is open: waits for the others. False when one is not to come, or close() was called.
  bool arrive() {
    std::unique_lock lock(mutex_);
    if (--missing_ == 0) changed_.notify_all();
    changed_.wait(lock, [this] { return missing_ == 0 || is_closed_; });
    return missing_ == 0;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }

  // A slot cannot be opened; the first reason is kept.
  void fail(std::string reason) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(reason);
    is_closed_ = true;
    changed_.notify_all();
  }

  std::optional<std::string> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  unsigned missing_;
  bool is_closed_ = false;
  std::optional<std::string> failure_;
};

}  // namespace phork::supervisor
