// SPDX-License-Identifier: MIT
//
// An open process lets other processes of its user look into it: read and write its memory, open
// what its descriptors stand for, trace it (/proc/PID/mem, fd, environ; ptrace, pidfd_getfd). The
// kernel calls it dumpable, because the same word decides on core files, and keeps the word with
// the memory: a forked child inherits it, and a program that is started is open again. Privileged
// processes may look into any other.
// https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html
#pragma once

#include "runtime/base/pinned.h"

namespace phork::process {

// From here on no other process of this user can look into this one.
void close_to_others();

// In a process that runs an application's code: opens it, if core files were asked for
// (RLIMIT_CORE), because the kernel makes none of a closed one.
void open_for_core_files();

// Files of a closed process, such as its page map, belong to root, so the process itself cannot
// open them either. Opens it for as long as such a file is being opened; the file stays usable.
// Keep it short: others may use that moment, too. Makes system calls only.
class OpenToOthers : private base::Pinned {
 public:
  OpenToOthers();
  ~OpenToOthers();

 private:
  const bool was_closed_;
};

}  // namespace phork::process
