// SPDX-License-Identifier: MIT
#include "tests/support/traced_process.h"

#include <cerrno>
#include <csignal>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <utility>

#include "runtime/base/result.h"
#include "runtime/process/process_tree.h"

namespace phork::testing {
namespace {

// Stops at system calls can be told from signals by it.
constexpr int kCallStop = SIGTRAP | 0x80;

}  // namespace

TracedProcess::TracedProcess(pid_t pid) : pid_(pid) {
  base::check(static_cast<int>(::ptrace(PTRACE_SEIZE, pid, nullptr, PTRACE_O_TRACESYSGOOD)),
              "test: attach to a process");
  ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
  wait();
}

TracedProcess::TracedProcess(pid_t pid, Born /*unused*/) : pid_(pid) {
  wait();
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD);
}

TracedProcess::~TracedProcess() {
  if (has_ended_) return;
  if (!is_stopped_) {
    ::ptrace(PTRACE_INTERRUPT, pid_, nullptr, nullptr);
    ::waitpid(pid_, nullptr, __WALL);
  }
  ::ptrace(PTRACE_DETACH, pid_, nullptr, signal_);
}

// The wait status.
int TracedProcess::wait() {
  int status = 0;
  if (::waitpid(pid_, &status, __WALL) != pid_) throw base::SystemError(errno, "test: wait");
  is_stopped_ = WIFSTOPPED(status);
  has_ended_ = !is_stopped_;
  return status;
}

pid_t TracedProcess::child_of_next_fork() {
  ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_TRACEFORK);
  for (;;) {
    ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr);
    const int status = wait();
    if (has_ended_) return 0;
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_FORK << 8))) break;
  }
  unsigned long child = 0;
  ::ptrace(PTRACE_GETEVENTMSG, pid_, nullptr, &child);
  return static_cast<pid_t>(child);
}

void TracedProcess::resume() {
  is_stopped_ = false;
  ::ptrace(PTRACE_SYSCALL, pid_, nullptr, std::exchange(signal_, 0));
}

std::optional<SystemCall> TracedProcess::poll() {
  int status = 0;
  if (has_ended_ || ::waitpid(pid_, &status, __WALL | WNOHANG) == 0) return std::nullopt;
  is_stopped_ = WIFSTOPPED(status);
  has_ended_ = !is_stopped_;
  if (has_ended_) return std::nullopt;
  if (WSTOPSIG(status) != kCallStop) {
    // An event of ptrace's own is no signal for the process.
    if (status >> 16 == 0) signal_ = WSTOPSIG(status);
    resume();
    return std::nullopt;
  }
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, pid_, sizeof info, &info);
  if (info.op == PTRACE_SYSCALL_INFO_EXIT) return SystemCall{call_, true, info.exit.rval};
  call_ = info.entry.nr;
  return SystemCall{call_, false, 0};
}

void TracedProcess::kill() {
  ::kill(pid_, SIGKILL);
  while (!has_ended_) wait();
}

bool sleeps_in(pid_t pid, long number) {
  return process::read_proc_file(pid, "syscall").starts_with(std::to_string(number) + ' ');
}

}  // namespace phork::testing
