// SPDX-License-Identifier: MIT
//
// The cost of a fork on this machine, beside computing: it depends on the hypervisor and on the
// load of its host more than computing does.
#pragma once

namespace phork::bench {

// The time from the fork of a process of 16 MB to the end of its copy, which writes to 128 of the
// pages and to a huge page of its own, divided by the time of a fixed computation. Medians of 200
// rounds, in less than a second. Throws base::SystemError.
double plain_fork_per_computation();

}  // namespace phork::bench
