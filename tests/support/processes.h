// SPDX-License-Identifier: MIT
//
// Processes as /proc shows them: their children, memory and descriptors.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace phork::testing {

// All processes below `pid`, parents before their children.
std::vector<pid_t> descendant_pids(pid_t pid);

struct Descendants {
  int live = 0;
  int zombies = 0;
};

Descendants descendants(pid_t pid);

// False for a zombie, too: its parent may never collect it.
bool lives(pid_t pid);

int open_descriptors(pid_t pid);

// In kB; `field` as in /proc/PID/status: VmRSS (resident), VmHWM (its peak). Fails the test when
// there is no such field.
long memory_kb(pid_t pid, const std::string& field);

}  // namespace phork::testing
