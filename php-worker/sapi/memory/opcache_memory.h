// SPDX-License-Identifier: MIT
//
// opcache's shared memory on huge pages. An event reads megabytes of it; in small pages that is a
// hundred faults and more than a thousand entries of the child's page table, to be made and cleared
// for every event. opcache maps it where no huge page can begin, so a zygote, while it is alone,
// puts other memory with the same contents in its place: offset and address then agree, and
// MADV_COLLAPSE (Linux 6.1) can do the rest:
// https://man7.org/linux/man-pages/man2/madvise.2.html
#pragma once

#include <cstddef>

namespace phork::sapi {

// In the zygote, before its first child. Returns how many bytes lie in huge pages now; 0 where
// there is no opcache, or the kernel cannot do it, and then nothing has changed.
std::size_t move_opcache_to_huge_pages();

}  // namespace phork::sapi
