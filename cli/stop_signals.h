// SPDX-License-Identifier: MIT
//
// Turns SIGINT and SIGTERM into an orderly stop. Create it before any other thread, so that all
// inherit the blocked mask; spawned runtimes get a clean one. Only the first signal counts.
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

  // Sets the function to call, on a thread of its own, at the first signal; calls it at once when
  // that came before. An empty function removes the last one, and waits while it runs.
  void on_stop(std::function<void()> hook);
  // Returns at the first signal.
  void wait();

 private:
  void watch();

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::function<void()> hook_;
  bool stopped_ = false;
  bool closing_ = false;
  std::thread watcher_;
};

}  // namespace phork::cli
