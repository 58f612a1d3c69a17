// SPDX-License-Identifier: MIT
//
// The threads that the boot of an application has started. fork() copies the calling thread only:
// in a child the others are gone, but what they had locked stays locked.
#pragma once

#include <string>
#include <vector>

namespace phork::sapi {

// The names of all threads of this process but the calling one, as the kernel shows them.
std::vector<std::string> other_threads();

}  // namespace phork::sapi
