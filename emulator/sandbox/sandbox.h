// SPDX-License-Identifier: MIT
//
// Control groups for a runtime and all its processes: Lambda's CPU and memory for a memory size,
// and freezing between events, as far as the machine allows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/sandbox/cgroup_home.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

// One sandbox. A limit that the machine does not allow is absent, and queries about it return
// "unknown". The destructor kills the processes inside and removes the groups. Queries from any
// thread; other calls from one thread at a time.
class Sandbox : private base::Pinned {
 public:
  // `name` is the name of its groups, which are made on demand.
  explicit Sandbox(std::string name) : name_(std::move(name)) {}

  ~Sandbox();

  // Call before the first process starts. An error leaves the sandbox unchanged.
  base::Status limit_cpu(const base::Result<CgroupPlace>& place, CpuShare share);
  base::Status limit_memory(const base::Result<CgroupPlace>& place, unsigned memory_mb);
  base::Status allow_freezing(const base::Result<CgroupPlace>& place);
  base::Status count_cpu(const base::Result<CgroupPlace>& place);

  // Descriptors of the groups' cgroup.procs, for SpawnOptions::control_groups; borrowed. Empty
  // without groups.
  std::vector<int> cgroup_procs_fds() const;

  bool limits_cpu() const { return limits_cpu_; }

  bool limits_memory() const { return memory_.has_value(); }

  bool can_freeze() const { return freezer_.has_value(); }

  // Stops all processes inside, within some ten microseconds; does not wait for it.
  void begin_freeze();
  // Stops all processes inside and waits until the kernel confirms it; false after `deadline`.
  bool freeze(base::Deadline deadline);
  // Lets all processes inside run again.
  void thaw();

  // Peak memory, page cache included.
  std::optional<std::uint64_t> peak_memory_kb() const;
  // How many processes the kernel has killed because the memory limit was reached.
  std::uint64_t oom_kills() const;
  std::optional<std::chrono::microseconds> cpu_time() const;

  // Sends SIGKILL to all processes inside, frozen or not; false without groups or if some survive.
  bool kill_all();

 private:
  struct Group {
    std::string parent;
    std::string folder;
    bool unified = false;
    base::Fd procs_fd;  // cgroup.procs
  };

  struct Freezer {
    base::Fd switch_file;
    base::Fd state_file;
    bool unified = false;
  };

  struct MemoryFiles {
    base::Fd peak;
    std::string events;
  };

  struct UsageFile {
    base::Fd file;
    bool unified = false;
  };

  base::Result<const Group*> group_in(const base::Result<CgroupPlace>& place);

  bool frozen() const;

  const std::string name_;
  std::vector<Group> groups_;
  bool limits_cpu_ = false;
  std::optional<MemoryFiles> memory_;
  std::optional<Freezer> freezer_;
  std::optional<UsageFile> usage_;
};

struct SandboxWishes {
  bool cpu = false;
  bool memory = false;
  bool freezing = false;

  bool any() const { return cpu || memory || freezing; }
};

// Makes sandboxes, as far as the machine allows, and logs once for each kind of limit why it is not
// possible. Inspects the machine at the first request for a limit, and removes then the groups of
// crashed runs. Any thread. The sandboxes may outlive it.
class Sandboxes {
 public:
  // Writes one line to the log.
  using Log = std::function<void(std::string_view)>;

  explicit Sandboxes(Log log) : log_(std::move(log)) {}

  // For groups other than those of this process.
  Sandboxes(CgroupLayout layout, Log log) : layout_(std::move(layout)), log_(std::move(log)) {}

  // Never null; a sandbox without groups when nothing is wished for or possible.
  std::unique_ptr<Sandbox> make(unsigned memory_mb, const SandboxWishes& wishes);

 private:
  void settle();
  void note(std::string_view wish, const base::Status& outcome);

  const std::optional<CgroupLayout> layout_;
  const Log log_;
  std::mutex mutex_;  // guards what follows
  std::optional<CgroupHome> home_;
  std::set<std::string, std::less<>> reported_;
};

}  // namespace phork::emulator
