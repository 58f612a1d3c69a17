// SPDX-License-Identifier: MIT
//
// A command and the person at its terminal: signals that stop it, and the line that shows its
// progress.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/pinned.h"

namespace phork::cli {

// Turns SIGINT, SIGTERM and SIGHUP into an orderly stop. Create it before any other thread, so that
// all inherit the blocked mask; spawned runtimes get a clean one. Only the first signal counts.
class StopSignals : private base::Pinned {
 public:
  StopSignals();
  ~StopSignals();

  // Sets the function to call, on a thread of its own, at the first signal; calls it at once when
  // that came before. An empty function removes the last one, and waits while it runs.
  void on_stop(std::function<void()> hook);
  // Returns at the first signal.
  void wait();
  // The exit code of a command that was stopped, as a shell reports it: 128 and the number of the
  // first signal; 0 when none has come.
  int stopped_code();

 private:
  void watch();

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::function<void()> hook_;
  int number_ = 0;  // of the first signal
  bool closing_ = false;
  std::thread watcher_;
};

// The progress line of `phork bench` and `phork audit`. On a terminal it is one line, overwritten
// by each step and erased at the end; elsewhere each step is a line of its own. Any thread may
// call. Write errors are ignored: a command must not fail because nobody reads its progress.
class Progress : private base::Pinned {
 public:
  // Borrows `fd`. `name` begins each line.
  Progress(int fd, bool terminal, std::string name);

  ~Progress() { clear(); }

  // Replaces the line that is shown.
  void show(std::string_view text);
  void clear();

 private:
  void write(std::string_view text) const;

  const int fd_;
  const bool terminal_;
  const std::string name_;
  std::mutex mutex_;  // guards the members below
  bool shown_ = false;
};

}  // namespace phork::cli
