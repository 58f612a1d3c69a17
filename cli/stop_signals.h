// SPDX-License-Identifier: MIT
//
// SIGINT and SIGTERM as an orderly wish to stop. Made before any other thread, which all inherit
// the blocked mask; runtimes get a clean mask of their own when they are spawned. Only the first
// signal counts.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "runtime/base/pinned.h"

namespace phork::cli {

class StopSignals : private base::Pinned {
 public:
  StopSignals();
  ~StopSignals();

  // Called on a thread of its own at the first signal; at once when that was before. An empty
  // function takes the last one back and waits for it.
  void on_stop(std::function<void()> hook);
  // Returns at the first signal.
  void wait();

 private:
  void watch();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::function<void()> hook_;
  bool stopped_ = false;
  bool closing_ = false;
  std::thread watcher_;
};

}  // namespace phork::cli
