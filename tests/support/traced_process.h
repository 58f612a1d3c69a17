// SPDX-License-Identifier: MIT
//
// A process that a test stops before and after each of its system calls, and kills at one of them.
// The program under test does not take part in it. Every function is for the thread that attached.
// https://man7.org/linux/man-pages/man2/ptrace.2.html
#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>

#include "runtime/base/pinned.h"

namespace phork::testing {

// A moment at which the process stands still.
struct SystemCall {
  std::uint64_t number = 0;
  bool is_done = false;     // false: it has not begun, and a kill prevents it
  std::int64_t result = 0;  // once it is done
};

class TracedProcess : private base::Pinned {
 public:
  // Attaches to `pid`, and stops it where it is. Throws base::SystemError.
  explicit TracedProcess(pid_t pid);
  // Lets it run on, if it has not ended.
  ~TracedProcess();

  pid_t pid() const { return pid_; }

  // Runs until this process has forked, and returns its child, stopped and traced; 0 if this one
  // has ended.
  pid_t child_of_next_fork();

  // For that child, in the place of the constructor.
  struct Born {};

  TracedProcess(pid_t pid, Born);

  // Lets it run, from a stop on; poll() says whether it stands still again.
  void resume();
  // Nothing as long as it runs, and when it has ended.
  std::optional<SystemCall> poll();

  bool has_ended() const { return has_ended_; }

  // At a stop; waits for its end.
  void kill();

 private:
  int wait();

  const pid_t pid_;
  bool is_stopped_ = false;
  bool has_ended_ = false;
  std::uint64_t call_ = 0;  // that it is in, or was last
  int signal_ = 0;          // that it gets when it goes on
};

// True when the process sleeps in this system call.
bool sleeps_in(pid_t pid, long number);

}  // namespace phork::testing
