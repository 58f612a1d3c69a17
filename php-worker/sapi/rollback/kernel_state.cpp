// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_state.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <sched.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/rollback/kernel_values.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

void write_proc_file(const char* path, const std::string& text) {
  const base::Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  // The next reading notices a value that was not accepted.
  [[maybe_unused]] const ssize_t written = ::write(file.get(), text.data(), text.size());
}

// SIG_DFL and SIG_IGN.
constexpr std::uint64_t kWithoutHandler = 1;

using Dispositions = std::array<Disposition, kSignals>;

std::string read_dispositions() {
  Dispositions all{};
  int number = 0;
  for (Disposition& one : all) one = read_disposition(++number);
  return bytes_of(all);
}

// Flags and mask of a signal without a handler of its own have no effect, except on SIGCHLD
// (SA_NOCLDWAIT), and the look at the signs leaves them out.
std::string effect_of_dispositions(const std::string& bytes) {
  auto all = value_of<Dispositions>(bytes);
  int number = 0;
  for (Disposition& one : all) {
    if (++number != SIGCHLD && one[0] <= kWithoutHandler) one = {one[0], 0, 0, 0};
  }
  return bytes_of(all);
}

void put_back_dispositions(const std::string& before) {
  const auto all = value_of<Dispositions>(before);
  int number = 0;
  for (const Disposition& one : all) {
    ::syscall(SYS_rt_sigaction, ++number, one.data(), nullptr, kKernelMaskBytes);
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

void put_back_signal_stack(const std::string& before) {
  const auto stack = value_of<stack_t>(before);
  ::sigaltstack(&stack, nullptr);
}

std::string read_timers() {
  return bytes_of(read_interval_timers());
}

void put_back_interval_timers(const std::string& before) {
  const auto timers = value_of<IntervalTimers>(before);
  int which = 0;
  for (const itimerval& timer : timers) ::syscall(SYS_setitimer, which++, &timer, nullptr);
}

std::string read_posix_timers() {
  return read_proc_file("/proc/self/timers");
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
  return bytes_of(std::array<int, 4>{::getpriority(PRIO_PROCESS, 0), ::sched_getscheduler(0),
                                     parameters.sched_priority, read_io_priority()});
}

std::string read_attributes() {
  return read_own_attributes() + bytes_of(std::array<pid_t, 2>{::getpgrp(), ::getsid(0)});
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

std::string read_status() {
  return lasting_status(read_proc_file("/proc/self/status"));
}

std::string read_children() {
  return has_children() ? "living" : "";
}

struct Trait {
  std::string_view name;
  std::string (*read)();
  // Null when the value cannot be restored.
  void (*put_back)(const std::string& before);
  // The part of the value that has an effect; null when all of it has.
  std::string (*effect)(const std::string& value) = nullptr;
};

// Pending signals come before the mask, because restoring the mask would deliver them. The status
// comes last, because it shows much of the other state again.
constexpr std::array kTraits{
    Trait{"children", read_children, nullptr},
    Trait{"pending signals", read_pending, nullptr},
    Trait{"interval timers", read_timers, put_back_interval_timers},
    Trait{"POSIX timers", read_posix_timers, nullptr},
    Trait{"signal dispositions", read_dispositions, put_back_dispositions, effect_of_dispositions},
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

std::string KernelState::put_back() {
  // Undoes the adjustments of System V semaphores that the process's end would undo.
  ::unshare(CLONE_SYSVSEM);
  if (signs_.are_same()) return "";
  signs_.hide_files();
  std::string difference = put_back_each();
  signs_.show_files();  // were hidden, so as not to count as descriptors
  return difference;
}

std::string KernelState::put_back_each() const {
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

std::string KernelState::difference() {
  signs_.hide_files();
  std::string found = descriptors_.difference();
  for (std::size_t i = 0; i < kTraits.size() && found.empty(); ++i) {
    const Trait& trait = kTraits.at(i);
    const std::string now = trait.read();
    const bool same =
        trait.effect == nullptr ? now == traits_[i] : trait.effect(now) == trait.effect(traits_[i]);
    if (!same) found = trait.name;
  }
  signs_.show_files();
  return found;
}

}  // namespace phork::sapi
