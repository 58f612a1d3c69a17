// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_values.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"

namespace phork::sapi {

Disposition read_disposition(int number) {
  Disposition found{};
  ::syscall(SYS_rt_sigaction, number, nullptr, found.data(), kKernelMaskBytes);
  return found;
}

static_assert(ITIMER_REAL == 0 && ITIMER_VIRTUAL == 1 && ITIMER_PROF == 2);

IntervalTimers read_interval_timers() {
  IntervalTimers timers{};
  int which = 0;
  for (itimerval& timer : timers) ::syscall(SYS_getitimer, which++, &timer);
  return timers;
}

std::string read_signal_stack() {
  stack_t stack{};
  ::sigaltstack(nullptr, &stack);
  return bytes_of(stack);
}

std::string read_folder() {
  std::array<char, PATH_MAX> path;
  return ::getcwd(path.data(), path.size()) == nullptr ? "" : path.data();
}

int read_io_priority() {
  constexpr int kOfProcess = 1;
  return static_cast<int>(::syscall(SYS_ioprio_get, kOfProcess, 0));
}

std::string read_own_attributes() {
  int death_signal = 0;
  int adopts = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal);
  ::prctl(PR_GET_CHILD_SUBREAPER, &adopts);
  // PR_GET_KEEPCAPS is one of the secure bits.
  return bytes_of(std::array<int, 7>{death_signal, adopts, ::prctl(PR_GET_DUMPABLE),
                                     ::prctl(PR_GET_TIMERSLACK), ::prctl(PR_GET_SECUREBITS),
                                     ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0),
                                     ::personality(0xffffffff)});
}

std::string read_root() {
  // /proc/self/root reads as "/" in any root folder.
  struct stat root {};

  if (::stat("/", &root) == -1) return "";
  std::string place = bytes_of(root.st_dev);
  append_bytes(place, root.st_ino);
  return place;
}

std::string read_places() {
  std::string places = read_root();
  for (const char* space : kNamespaces) {
    places.append("\n").append(read_proc_link(std::string("/proc/self/ns/") + space));
  }
  return places;
}

std::string lasting_status(std::string_view text) {
  constexpr std::array<std::string_view, 7> kVarying{"Vm",     "Rss",  "Huge",  "voluntary_",
                                                     "nonvol", "SigQ", "FDSize"};
  constexpr std::array<std::string_view, 2> kLocked{"VmLck", "VmPin"};
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    const auto starts = [line](std::string_view name) { return line.starts_with(name); };
    if (std::ranges::none_of(kVarying, starts) || std::ranges::any_of(kLocked, starts)) {
      kept.append(line);
    }
    text.remove_prefix(line.size());
  }
  return kept;
}

bool has_children() {
  pid_t ended = 0;
  while ((ended = ::waitpid(-1, nullptr, WNOHANG | __WALL)) > 0) {
  }
  return ended != -1 || errno != ECHILD;
}

}  // namespace phork::sapi
