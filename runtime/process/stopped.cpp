// SPDX-License-Identifier: MIT
#include "runtime/process/stopped.h"

#include <csignal>
#include <sys/wait.h>

namespace phork::process {

bool continue_if_stopped(pid_t child) {
  siginfo_t info{};
  const bool is_stopped =
      ::waitid(P_PID, static_cast<id_t>(child), &info, WSTOPPED | WNOHANG) == 0 &&
      info.si_pid == child;
  if (is_stopped) ::kill(child, SIGCONT);
  return is_stopped;
}

}  // namespace phork::process
