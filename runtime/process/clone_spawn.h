// SPDX-License-Identifier: MIT
//
// Starting a program so that it cannot outlive this process: the kernel sends it a signal when this
// process ends, however it ends. It leads a session of its own, which no process outside can join,
// and is in its control groups before its first instruction, so that nothing it starts escapes
// them. posix_spawn can do none of that. So the child is made as posix_spawn makes its own: it
// borrows our memory, and the thread that makes it waits until it has become the program. For
// Process::spawn alone.
// https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
#pragma once

#include <csignal>
#include <span>
#include <string>
#include <sys/types.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"

namespace phork::process {

// Everything that the child needs is prepared before clone(): between clone and exec it only makes
// system calls.
struct CloneSpawn {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* working_directory = nullptr;  // null keeps ours
  std::span<const FdMapping> descriptors;   // no source is also a target
  std::span<const int> control_groups;      // descriptors of cgroup.procs, open for writing
  int death_signal = SIGKILL;
  bool adopts_orphans = false;
};

struct Cloned {
  pid_t pid = 0;
  base::Fd pidfd;
};

// An error of clone or fork; with EAGAIN it names the limit of processes and threads.
base::Error clone_error(const std::string& action, int code);

// The child runs the program by then. One that could not is reaped already. Any thread: the signal
// does not depend on how long that lives.
base::Result<Cloned> clone_spawn(const CloneSpawn& spawn);

}  // namespace phork::process
