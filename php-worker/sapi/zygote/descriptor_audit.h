// SPDX-License-Identifier: MIT
//
// The descriptors that the application's boot has left open. A forked child inherits the open file
// descriptions behind them: one cursor, one lock, one connection for all events. The audit
// describes each in words for the application's owner, and says what can be done about it. It reads
// /proc/self and changes nothing. Linux only, no PHP.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace phork::sapi {

enum class DescriptorKind : std::uint8_t {
  kStandard,   // a copy of a standard stream
  kFile,       // a file or folder that can be opened again
  kAnonymous,  // a writable file without a name (deleted, memfd), which a child can copy
  kSelfPipe,   // an end of a pipe or socket pair whose other end is in this process too
  kOther,      // connections, and everything else that the kernel keeps state for
};

struct OpenDescriptor {
  int number = -1;
  DescriptorKind kind = DescriptorKind::kOther;
  int flags = 0;           // of open(), O_CLOEXEC among them
  off_t position = 0;      // of the cursor
  int standard = -1;       // which stream, for kStandard
  int other_end = -1;      // of an idle kSelfPipe with exactly two ends
  int socket_type = 0;     // of a kSelfPipe that is a socket
  bool is_remote = false;  // a connection by the network
  bool locked = false;     // flock() or fcntl() from this process
  std::string what;        // "a TCP connection to 10.0.0.5:3306"
};

// Lists what is open and not in `own` (sorted), in order of number. Leaves out descriptors without
// state that one event could leave to another: /dev/null and its like, opcache's lock file,
// eventfds (libraries wake themselves with them) and O_PATH handles. Never describes what went over
// a connection.
std::vector<OpenDescriptor> audit_descriptors(const std::vector<int>& own);

}  // namespace phork::sapi
