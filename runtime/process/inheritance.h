// SPDX-License-Identifier: MIT
//
// Values that children inherit from this process and any process of the same user can change:
// niceness and scheduling, processors, I/O priority, resource limits (prlimit), and, with
// privileges, the OOM score and the core dump filter (/proc). One event could leave that to all
// later ones, where this process forks or starts their workers. Not the autogroup: each worker
// begins a session, and the kernel makes one for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::process {

class Inheritance : private base::Pinned {
 public:
  // Records the values of now.
  Inheritance();

  // The name of a value that has changed since; "" when none has. Some twenty system calls, and
  // more with privileges.
  std::string_view difference() const;
  // Changes back what differs, as far as this process may. The error names a value that stays.
  base::Status put_back() const;

 private:
  const bool has_privileges_;
  std::vector<std::string> before_;
};

// From here on Process::spawn passes on the values of now: it puts back what has changed, and
// starts no program where that fails.
void pass_on_as_now();
// For Process::spawn. kRefused: a value stays changed.
base::Status ready_to_pass_on();

}  // namespace phork::process
