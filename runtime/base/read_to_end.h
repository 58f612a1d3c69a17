// SPDX-License-Identifier: MIT
//
// All that another process writes into a pipe. For descriptors that end; blocking or not.
#pragma once

#include <string>

#include "runtime/base/poll.h"

namespace phork::base {

// What came before the end, the deadline, or the first error.
std::string read_to_end(int fd, Deadline deadline = kNoDeadline);

}  // namespace phork::base
