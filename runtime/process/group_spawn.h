// SPDX-License-Identifier: MIT
//
// Starting a program inside control groups: it is in them before its first instruction, so that
// nothing it does or starts escapes them. posix_spawn cannot do that, as its file actions open and
// copy but never write, and CLONE_INTO_CGROUP knows groups of version 2 only. So the child is made
// as posix_spawn makes its own: it borrows our memory, and the thread that makes it waits until it
// has become the program. For Process::spawn alone; a child without groups never comes here.
#pragma once

#include <span>
#include <sys/types.h>

#include "runtime/base/result.h"
#include "runtime/process/spawn.h"

namespace phork::process {

// Everything that the child needs is prepared before clone(): between clone and exec it only makes
// system calls.
struct GroupSpawn {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* working_directory = nullptr;  // null keeps ours
  std::span<const FdMapping> descriptors;   // no source is also a target
  std::span<const int> control_groups;      // descriptors of cgroup.procs, open for writing
  bool new_process_group = true;
};

// The child runs the program by then. One that could not is reaped already.
base::Result<pid_t> spawn_in_groups(const GroupSpawn& spawn);

}  // namespace phork::process
