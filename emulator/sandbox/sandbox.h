// SPDX-License-Identifier: MIT
//
// A control group of its own for a program and all that it starts: as much CPU and memory as Lambda
// gives for a memory size, and standing still between events. What the machine does not allow is
// left out; each question about it then has the answer "unknown". Whoever has it owns it: the
// destructor kills what is inside and removes the group. Questions from any thread; the rest from
// one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/sandbox/cgroup_home.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Sandbox : private base::Pinned {
 public:
  // `name` names its groups. Nothing is made before it is needed.
  explicit Sandbox(std::string name) : name_(std::move(name)) {}

  ~Sandbox();

  // Before the first process is inside. An error leaves it as it was.
  base::Status limit_cpu(const base::Result<CgroupPlace>& place, CpuShare share);
  base::Status limit_memory(const base::Result<CgroupPlace>& place, unsigned memory_mb);
  base::Status allow_freezing(const base::Result<CgroupPlace>& place);
  base::Status count_cpu(const base::Result<CgroupPlace>& place);

  // For SpawnOptions::control_groups; borrowed. Empty where it has no group.
  std::vector<int> doors() const;

  bool limits_cpu() const { return limits_cpu_; }

  bool limits_memory() const { return memory_.has_value(); }

  bool can_freeze() const { return freezer_.has_value(); }

  // From here on nothing inside runs any more, within some ten microseconds. Does not wait.
  void begin_freeze();
  // Waits until the kernel says that all of it stands still; false when it does not by `deadline`.
  bool freeze(base::Deadline deadline);
  // All of it can run again when this returns.
  void thaw();

  // The most memory it ever had, page cache included.
  std::optional<std::uint64_t> peak_memory_kb() const;
  // Processes that the kernel killed because the limit was reached.
  std::uint64_t oom_kills() const;
  std::optional<std::chrono::microseconds> cpu_time() const;

  // SIGKILL to all that is inside, frozen or not; false where it has no group or some survive.
  bool kill_all();

 private:
  struct Group {
    std::string parent;
    std::string folder;
    bool unified = false;
    base::Fd door;  // cgroup.procs
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

}  // namespace phork::emulator
