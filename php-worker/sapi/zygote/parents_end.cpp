// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/parents_end.h"

#include <csignal>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/result.h"

namespace phork::sapi {
namespace {

// A real-time signal, as those of runtime/slot/page.h.
constexpr int kParentEnded = 46;

pid_t supervisor = 0;

}  // namespace

void watch_supervisor() {
  supervisor = ::getppid();

  struct sigaction action {};

  action.sa_handler = [](int) { end_without_supervisor(); };
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(kParentEnded, &action, nullptr);
  base::check(::prctl(PR_SET_PDEATHSIG, SIGCONT), "php-worker: watch the supervisor");
}

void hear_of_parents_end() {
  ::prctl(PR_SET_PDEATHSIG, kParentEnded);
}

void end_without_supervisor() {
  if (::getppid() != supervisor) ::kill(0, SIGKILL);
}

}  // namespace phork::sapi
