// SPDX-License-Identifier: MIT
//
// Pipes and socket pairs that lead from a process to itself. Libraries wake their own event loops
// by them (libcurl's multi handles have one), so that they cannot be closed; but they can be made
// anew for each child, as long as nothing is on its way in them. No PHP.
#pragma once

#include <vector>

#include "php-worker/sapi/zygote/descriptor_audit.h"

namespace phork::sapi {

// Finds which of `descriptors` belong together: kind and other_end of both become those of a line.
// An end whose other end is in another process becomes kOther. Where the kernel does not tell which
// sockets belong together, they are lines without a known end.
void join_lines(std::vector<OpenDescriptor>& descriptors);

}  // namespace phork::sapi
