// SPDX-License-Identifier: MIT
//
// The folders in which this process makes control groups, always inside its own groups. Version 2
// gives controllers to groups inside ours only if they are delegated to us and our group contains
// no process; if this process is alone there, it first moves into a new group, as
// https://systemd.io/CGROUP_DELEGATION advises. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/sandbox/cgroup.h"
#include "runtime/base/result.h"

namespace phork::emulator {

enum class Controller : std::uint8_t { kCpu, kMemory, kFreezer, kCpuUsage };

// A folder in which groups with a controller can be made.
struct CgroupPlace {
  std::string folder;
  bool unified = false;  // version 2
};

class CgroupHome {
 public:
  explicit CgroupHome(CgroupLayout layout);

  // The error says why there is no such folder.
  base::Result<CgroupPlace> place(Controller controller);

  // Removes the groups, with their processes, that crashed runs have left inside ours: those whose
  // owner has ended.
  void remove_leftovers() const;

 private:
  base::Result<CgroupPlace> unified_place(std::string_view controller);
  base::Status delegate(std::string_view controller);
  base::Status leave_home();

  CgroupLayout layout_;
};

// Kills all processes in a group and removes it; gives up after two seconds.
void end_cgroup(const std::string& folder);
// Sends SIGKILL to all processes in a group; false when some survive for two seconds.
bool kill_cgroup(const std::string& folder);

}  // namespace phork::emulator
