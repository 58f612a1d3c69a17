// SPDX-License-Identifier: MIT
//
// The descriptors that the boot of an application has left open. A forked child inherits the open
// file descriptions behind them: one cursor, one lock, one connection for all events. Each is told
// with what it is, in words for its owner, and with what could be done about it. Reads /proc/self
// and leaves everything as it is. Linux only, no PHP.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace phork::sapi {

enum class DescriptorKind : std::uint8_t {
  kStandard,   // a copy of a standard stream
  kFile,       // a file or folder that can be opened once more
  kAnonymous,  // a writable file without a name (deleted, memfd): its content is nobody else's
  kLine,       // an end of a pipe or socket pair whose other end is in this process too
  kOther,      // connections, and whatever else the kernel keeps state for
};

struct OpenDescriptor {
  int number = -1;
  DescriptorKind kind = DescriptorKind::kOther;
  int flags = 0;        // as of open(), O_CLOEXEC among them
  off_t position = 0;   // of the cursor
  int standard = -1;    // which one, of a kStandard
  int other_end = -1;   // of a kLine that is idle and has but two ends
  int socket_type = 0;  // of a kLine that is a socket
  bool locked = false;  // flock() or fcntl() from this process
  std::string what;     // "a TCP connection to 10.0.0.5:3306"
};

// What is open and not among `own`, in order of number. Left out is what carries no state that one
// event could leave to another: /dev/null and its like, the lock file of opcache, eventfds (by
// which libraries wake themselves), O_PATH handles.
std::vector<OpenDescriptor> audit_descriptors(const std::vector<int>& own);

}  // namespace phork::sapi
