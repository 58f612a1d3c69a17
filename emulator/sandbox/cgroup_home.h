// SPDX-License-Identifier: MIT
//
// The folders below which this process makes control groups, always within the groups it is in
// itself. Version 2 gives controllers to groups below ours only when they are delegated to us and
// no process is in ours; a process that is alone there moves itself into a group of its own first,
// as https://systemd.io/CGROUP_DELEGATION advises. One user at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/sandbox/cgroup.h"
#include "runtime/base/result.h"

namespace phork::emulator {

enum class Controller : std::uint8_t { kCpu, kMemory, kFreezer, kCpuUsage };

// Where a group with a controller can be made.
struct CgroupPlace {
  std::string folder;
  bool unified = false;  // version 2
};

class CgroupHome {
 public:
  explicit CgroupHome(CgroupLayout layout);

  // Why there is none is said in the error.
  base::Result<CgroupPlace> place(Controller controller);

  // Ends what processes of earlier runs have left below our groups: those whose owner is gone.
  void remove_leftovers() const;

 private:
  base::Result<CgroupPlace> unified_place(std::string_view controller);
  base::Status delegate(std::string_view controller);
  base::Status leave_home();

  CgroupLayout layout_;
};

// Kills all that is in a group, and removes it: within two seconds, or not at all.
void end_cgroup(const std::string& folder);
// Whether nothing is in it any more, after SIGKILL to all that was.
bool kill_cgroup(const std::string& folder);

}  // namespace phork::emulator
