// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_state.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <span>
#include <string_view>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <type_traits>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

constexpr int kSignals = 64;

// Converts a value of the kernel to text that can be compared, and back.
template <typename T>
std::string bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <typename T>
T value_of(const std::string& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

void write_proc_file(const char* path, const std::string& text) {
  const base::Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  // The next reading notices a value that was not accepted.
  [[maybe_unused]] const ssize_t written = ::write(file.get(), text.data(), text.size());
}

// The kernel's form of a disposition, because the C library hides some signals: handler, flags,
// restorer, mask. https://man7.org/linux/man-pages/man2/rt_sigaction.2.html
using Disposition = std::array<std::uint64_t, 4>;
using Dispositions = std::array<Disposition, kSignals>;

std::string read_dispositions() {
  Dispositions all{};
  int number = 0;
  for (Disposition& one : all) {
    ::syscall(SYS_rt_sigaction, ++number, nullptr, one.data(), kSignals / CHAR_BIT);
  }
  return bytes_of(all);
}

void put_back_dispositions(const std::string& before) {
  const auto all = value_of<Dispositions>(before);
  int number = 0;
  for (const Disposition& one : all) {
    ::syscall(SYS_rt_sigaction, ++number, one.data(), nullptr, kSignals / CHAR_BIT);
  }
}

std::string read_pending() {
  sigset_t pending{};  // the kernel fills only a part
  ::sigpending(&pending);
  return bytes_of(pending);
}

std::string read_signal_mask() {
  sigset_t mask{};
  ::sigprocmask(SIG_SETMASK, nullptr, &mask);
  return bytes_of(mask);
}

void put_back_signal_mask(const std::string& before) {
  const auto mask = value_of<sigset_t>(before);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

std::string read_signal_stack() {
  stack_t stack{};
  ::sigaltstack(nullptr, &stack);
  return bytes_of(stack);
}

void put_back_signal_stack(const std::string& before) {
  const auto stack = value_of<stack_t>(before);
  ::sigaltstack(&stack, nullptr);
}

using IntervalTimers = std::array<itimerval, 3>;
static_assert(ITIMER_REAL == 0 && ITIMER_VIRTUAL == 1 && ITIMER_PROF == 2);

std::string read_interval_timers() {
  IntervalTimers timers{};
  int which = 0;
  for (itimerval& timer : timers) ::syscall(SYS_getitimer, which++, &timer);
  return bytes_of(timers);
}

void put_back_interval_timers(const std::string& before) {
  const auto timers = value_of<IntervalTimers>(before);
  int which = 0;
  for (const itimerval& timer : timers) ::syscall(SYS_setitimer, which++, &timer, nullptr);
}

std::string read_posix_timers() {
  return read_proc_file("/proc/self/timers");
}

std::string read_folder() {
  std::array<char, PATH_MAX> path;
  return ::getcwd(path.data(), path.size()) == nullptr ? "" : path.data();
}

void put_back_folder(const std::string& before) {
  // The next reading notices a folder that could not be changed to.
  [[maybe_unused]] const int changed = ::chdir(before.c_str());
}

std::string read_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return bytes_of(mask);
}

void put_back_umask(const std::string& before) {
  ::umask(value_of<mode_t>(before));
}

using Limits = std::array<rlimit, RLIM_NLIMITS>;

std::string read_limits() {
  Limits limits{};
  int which = 0;
  for (rlimit& limit : limits) ::syscall(SYS_prlimit64, 0, which++, nullptr, &limit);
  return bytes_of(limits);
}

void put_back_limits(const std::string& before) {
  const auto limits = value_of<Limits>(before);
  int which = 0;
  for (const rlimit& limit : limits) ::syscall(SYS_prlimit64, 0, which++, &limit, nullptr);
}

std::string read_scheduling() {
  sched_param parameters{};
  ::sched_getparam(0, &parameters);
  constexpr int kIoPriorityOfProcess = 1;
  return bytes_of(std::array<long, 4>{::getpriority(PRIO_PROCESS, 0), ::sched_getscheduler(0),
                                      parameters.sched_priority,
                                      ::syscall(SYS_ioprio_get, kIoPriorityOfProcess, 0)});
}

std::string read_attributes() {
  int death_signal = 0;
  int adopts = 0;
  ::prctl(PR_GET_PDEATHSIG, &death_signal);
  ::prctl(PR_GET_CHILD_SUBREAPER, &adopts);
  return bytes_of(std::array<int, 10>{death_signal, adopts, ::prctl(PR_GET_DUMPABLE),
                                      ::prctl(PR_GET_KEEPCAPS), ::prctl(PR_GET_TIMERSLACK),
                                      ::prctl(PR_GET_SECUREBITS),
                                      ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0),
                                      ::personality(0xffffffff), ::getpgrp(), ::getsid(0)});
}

constexpr const char* kOomScore = "/proc/self/oom_score_adj";

std::string read_oom_score() {
  return read_proc_file(kOomScore);
}

void put_back_oom_score(const std::string& before) {
  write_proc_file(kOomScore, before);
}

constexpr const char* kCoreFilter = "/proc/self/coredump_filter";

std::string read_core_filter() {
  return read_proc_file(kCoreFilter);
}

// The kernel shows the number without its 0x.
void put_back_core_filter(const std::string& before) {
  write_proc_file(kCoreFilter, "0x" + before);
}

std::string read_places() {
  std::string places = read_proc_link("/proc/self/root");
  for (const char* space : {"cgroup", "ipc", "mnt", "net", "pid_for_children", "user", "uts"}) {
    places.append("\n").append(read_proc_link(std::string("/proc/self/ns/") + space));
  }
  return places;
}

// /proc/self/status without the values that vary by themselves. Names, identities, capabilities,
// filters, threads, processors, locked memory and much else remain.
std::string read_status() {
  constexpr std::array<std::string_view, 7> kVarying{"Vm",     "Rss",  "Huge",  "voluntary_",
                                                     "nonvol", "SigQ", "FDSize"};
  constexpr std::array<std::string_view, 2> kLocked{"VmLck", "VmPin"};
  const std::string text = read_proc_file("/proc/self/status");
  std::string kept;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const auto starts = [line](std::string_view name) { return line.starts_with(name); };
    if (std::ranges::none_of(kVarying, starts) || std::ranges::any_of(kLocked, starts)) {
      kept.append(line);
    }
    begin = end;
  }
  return kept;
}

// Reaps children that have ended. Rollback::mark() has made this process a subreaper, so orphaned
// grandchildren come here too.
std::string read_children() {
  pid_t ended = 0;
  while ((ended = ::waitpid(-1, nullptr, WNOHANG | __WALL)) > 0) {
  }
  return ended == -1 && errno == ECHILD ? "" : "living";
}

struct Trait {
  std::string_view name;
  std::string (*read)();
  // Null when the value cannot be restored.
  void (*put_back)(const std::string& before);
};

// Pending signals come before the mask, because restoring the mask would deliver them. The status
// comes last, because it shows much of the other state again.
constexpr std::array kTraits{
    Trait{"children", read_children, nullptr},
    Trait{"pending signals", read_pending, nullptr},
    Trait{"interval timers", read_interval_timers, put_back_interval_timers},
    Trait{"POSIX timers", read_posix_timers, nullptr},
    Trait{"signal dispositions", read_dispositions, put_back_dispositions},
    Trait{"signal mask", read_signal_mask, put_back_signal_mask},
    Trait{"alternate signal stack", read_signal_stack, put_back_signal_stack},
    Trait{"working folder", read_folder, put_back_folder},
    Trait{"umask", read_umask, put_back_umask},
    Trait{"resource limits", read_limits, put_back_limits},
    Trait{"scheduling", read_scheduling, nullptr},
    Trait{"OOM score", read_oom_score, put_back_oom_score},
    Trait{"core dump filter", read_core_filter, put_back_core_filter},
    Trait{"process attributes", read_attributes, nullptr},
    Trait{"root folder or namespaces", read_places, nullptr},
    Trait{"status", read_status, nullptr},
};

}  // namespace

KernelState::KernelState() {
  traits_.reserve(kTraits.size());
  for (const Trait& trait : kTraits) traits_.push_back(trait.read());
}

std::string KernelState::put_back() const {
  // Undoes the adjustments of System V semaphores that the process's end would undo.
  ::unshare(CLONE_SYSVSEM);
  if (std::string difference = descriptors_.put_back(); !difference.empty()) return difference;
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    const Trait& trait = kTraits.at(i);
    if (trait.read() == traits_[i]) continue;
    if (trait.put_back != nullptr) {
      trait.put_back(traits_[i]);
      if (trait.read() == traits_[i]) continue;
    }
    return std::string(trait.name);
  }
  return "";
}

}  // namespace phork::sapi
