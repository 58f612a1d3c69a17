// SPDX-License-Identifier: MIT
//
// opcache locks bytes of a file that has no name. All children of a zygote have its descriptor, so
// what one writes into the file the next could read.
#pragma once

#include <string_view>

namespace phork::sapi {

// Tells it by the link in /proc/self/fd of a descriptor: opcache's own, or the one put into its
// place.
bool is_opcache_lock(std::string_view link);

// Puts a file into its place to which nobody can write. Before anything is locked; where memory
// files cannot be sealed the file stays.
void seal_opcache_lock();

}  // namespace phork::sapi
