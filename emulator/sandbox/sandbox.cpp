// SPDX-License-Identifier: MIT
#include "emulator/sandbox/sandbox.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "runtime/process/known_children.h"

namespace phork::emulator {
namespace {

using base::Fd;
using base::Result;
using base::Status;
using namespace std::chrono_literals;

Fd open_file(const std::string& path, int mode) {
  return Fd(::open(path.c_str(), mode | O_CLOEXEC));
}

// Reads a file from the start again. The buffer holds the longest of these files.
std::string reread(const Fd& file) {
  std::array<char, 4096> text{};
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

void rewrite(const Fd& file, std::string_view text) {
  // Nothing can be done about a failure; opening the file for writing has succeeded before.
  [[maybe_unused]] const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), 0);
}

// Finds out whether a process can join the group, which the kernel tells only a process that tries.
// The first process that joins any group also waits some ten milliseconds for the kernel, which
// must not count as the runtime's init.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation-containment
Status try_to_join(const std::string& path, const Fd& procs_fd) {
  auto& known = process::KnownChildren::of_this_process();
  auto held = known.lock();
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(::write(procs_fd.get(), "0", 1) == 1 ? 0 : errno);
  known.add(held, pid);
  held.unlock();
  int status = 0;
  while (pid > 0 && ::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  const int fork_error = errno;
  known.remove(pid);
  if (pid == -1) return cgroup_file_error("join", path, fork_error);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (code != 0) return cgroup_file_error("join", path, code);
  return base::ok_status();
}

// Makes group names unique within this process. Zero is for the process's own group.
std::uint64_t next_sequence() {
  static std::atomic<std::uint64_t> sequence = 0;
  return ++sequence;
}

}  // namespace

Sandbox::~Sandbox() {
  if (groups_.empty()) return;
  kill_all();
  for (const Group& group : groups_) end_cgroup(group.folder);
}

Result<const Sandbox::Group*> Sandbox::group_in(const Result<CgroupPlace>& place) {
  if (!place) return place.error();
  for (const Group& group : groups_) {
    if (group.parent == place->folder) return &group;
  }
  Group group{place->folder, place->folder + "/" + name_, place->unified, Fd()};
  if (Status made = make_cgroup(group.folder); !made) return made.error();
  const std::string members = group.folder + "/cgroup.procs";
  group.procs_fd = open_file(members, O_WRONLY);
  const Status joined = group.procs_fd.valid() ? try_to_join(group.folder, group.procs_fd)
                                               : cgroup_file_error("write", members, errno);
  if (!joined) {
    end_cgroup(group.folder);
    return joined.error();
  }
  groups_.push_back(std::move(group));
  return &groups_.back();
}

Status Sandbox::limit_cpu(const Result<CgroupPlace>& place, CpuShare share) {
  const Result<const Group*> made = group_in(place);
  if (!made) return made.error();
  const Group& group = *made.value();
  const std::string quota = std::to_string(share.quota.count());
  const std::string period = std::to_string(share.period.count());
  Status written = base::ok_status();
  if (group.unified) {
    written = write_cgroup_file(group.folder + "/cpu.max", quota + " " + period);
  } else {
    // The period first: the kernel checks the quota against it.
    written = write_cgroup_file(group.folder + "/cpu.cfs_period_us", period);
    if (written) written = write_cgroup_file(group.folder + "/cpu.cfs_quota_us", quota);
  }
  limits_cpu_ = written.ok();
  return written;
}

Status Sandbox::limit_memory(const Result<CgroupPlace>& place, unsigned memory_mb) {
  const Result<const Group*> made = group_in(place);
  if (!made) return made.error();
  const Group& group = *made.value();
  const std::string bytes = std::to_string(std::uint64_t{memory_mb} * 1024 * 1024);
  const std::string limit = group.unified ? "/memory.max" : "/memory.limit_in_bytes";
  if (Status written = write_cgroup_file(group.folder + limit, bytes); !written) return written;
  // No swap, as on Lambda. Not all kernels account for swap, so ignore errors.
  if (group.unified) {
    static_cast<void>(write_cgroup_file(group.folder + "/memory.swap.max", "0"));
  } else {
    static_cast<void>(write_cgroup_file(group.folder + "/memory.memsw.limit_in_bytes", bytes));
  }
  const std::string peak = group.unified ? "/memory.peak" : "/memory.max_usage_in_bytes";
  const std::string events = group.unified ? "/memory.events" : "/memory.oom_control";
  memory_ = MemoryFiles{open_file(group.folder + peak, O_RDONLY), group.folder + events};
  return base::ok_status();
}

Status Sandbox::allow_freezing(const Result<CgroupPlace>& place) {
  const Result<const Group*> made = group_in(place);
  if (!made) return made.error();
  const Group& group = *made.value();
  const std::string control = group.folder + (group.unified ? "/cgroup.freeze" : "/freezer.state");
  const std::string state = group.folder + (group.unified ? "/cgroup.events" : "/freezer.state");
  Freezer freezer{open_file(control, O_WRONLY), Fd(), group.unified};
  if (!freezer.switch_file.valid()) return cgroup_file_error("write", control, errno);
  freezer.state_file = open_file(state, O_RDONLY);
  if (!freezer.state_file.valid()) return cgroup_file_error("read", state, errno);
  freezer_ = std::move(freezer);
  return base::ok_status();
}

Status Sandbox::count_cpu(const Result<CgroupPlace>& place) {
  const Result<const Group*> made = group_in(place);
  if (!made) return made.error();
  const Group& group = *made.value();
  const std::string path = group.folder + (group.unified ? "/cpu.stat" : "/cpuacct.usage");
  UsageFile usage{open_file(path, O_RDONLY), group.unified};
  if (!usage.file.valid()) return cgroup_file_error("read", path, errno);
  usage_ = std::move(usage);
  return base::ok_status();
}

std::vector<int> Sandbox::cgroup_procs_fds() const {
  std::vector<int> procs_fds;
  procs_fds.reserve(groups_.size());
  for (const Group& group : groups_) procs_fds.push_back(group.procs_fd.get());
  return procs_fds;
}

void Sandbox::begin_freeze() {
  if (freezer_) rewrite(freezer_->switch_file, freezer_->unified ? "1" : "FROZEN");
}

void Sandbox::thaw() {
  if (freezer_) rewrite(freezer_->switch_file, freezer_->unified ? "0" : "THAWED");
}

bool Sandbox::frozen() const {
  const std::string state = reread(freezer_->state_file);
  return freezer_->unified ? keyed_number(state, "frozen") == 1 : state.starts_with("FROZEN");
}

// Polls, because the kernel notifies of changes at most every ten milliseconds.
bool Sandbox::freeze(base::Deadline deadline) {
  if (!freezer_) return false;
  begin_freeze();
  constexpr std::chrono::microseconds kInterval = 20us;
  while (!frozen()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kInterval);
  }
  return true;
}

std::optional<std::uint64_t> Sandbox::peak_memory_kb() const {
  if (!memory_ || !memory_->peak.valid()) return std::nullopt;
  const auto bytes = sole_number(reread(memory_->peak));
  if (!bytes) return std::nullopt;
  return *bytes / 1024;
}

std::uint64_t Sandbox::oom_kills() const {
  if (!memory_) return 0;
  const auto events = read_cgroup_file(memory_->events);
  return events ? keyed_number(events.value(), "oom_kill").value_or(0) : 0;
}

std::optional<std::chrono::microseconds> Sandbox::cpu_time() const {
  if (!usage_) return std::nullopt;
  const std::string text = reread(usage_->file);
  const auto count = usage_->unified ? keyed_number(text, "usage_usec") : sole_number(text);
  if (!count) return std::nullopt;
  // Version 1 counts nanoseconds.
  return std::chrono::microseconds(usage_->unified ? *count : *count / 1000);
}

bool Sandbox::kill_all() {
  if (groups_.empty()) return false;
  thaw();
  // Every process is in all groups, so one is enough; one of version 2 kills all at once.
  const auto group = std::ranges::find(groups_, true, &Group::unified);
  return kill_cgroup(group != groups_.end() ? group->folder : groups_.front().folder);
}

std::unique_ptr<Sandbox> Sandboxes::make(unsigned memory_mb, const SandboxWishes& wishes) {
  auto sandbox = std::make_unique<Sandbox>(cgroup_name(::getpid(), next_sequence()));
  if (!wishes.any()) return sandbox;
  const std::lock_guard lock(mutex_);
  settle();
  if (wishes.cpu) {
    note("limit CPU", sandbox->limit_cpu(home_->place(Controller::kCpu), cpu_share(memory_mb)));
  }
  if (wishes.memory) {
    note("limit memory", sandbox->limit_memory(home_->place(Controller::kMemory), memory_mb));
  }
  if (wishes.freezing) {
    note("freeze", sandbox->allow_freezing(home_->place(Controller::kFreezer)));
  }
  // Optional: without it, cpu_time() is unknown.
  static_cast<void>(sandbox->count_cpu(home_->place(Controller::kCpuUsage)));
  return sandbox;
}

void Sandboxes::settle() {
  if (home_) return;
  home_.emplace(layout_ ? *layout_ : current_cgroup_layout());
  home_->remove_leftovers();
}

void Sandboxes::note(std::string_view wish, const base::Status& outcome) {
  if (outcome || !reported_.emplace(wish).second) return;
  log_("emulator: " + std::string(wish) + ": " + outcome.error().text + "; continuing without it");
}

}  // namespace phork::emulator
