// SPDX-License-Identifier: MIT
//
// Pipes and socket pairs whose both ends are in this process. Libraries wake their event loops
// through them (libcurl's multi handles have one), so they cannot be closed when the zygote seals;
// but each child can get new ones, as long as nothing is on its way in them. No PHP.
#pragma once

#include <vector>

#include "php-worker/sapi/zygote/descriptor_audit.h"

namespace phork::sapi {

// Finds the ends that belong together and sets kind and other_end of both. An end whose other end
// is in another process becomes kOther. Where the kernel does not tell which sockets belong
// together, they are self-pipes without a known other end.
void pair_self_pipes(std::vector<OpenDescriptor>& descriptors);

}  // namespace phork::sapi
