// SPDX-License-Identifier: MIT
//
// One process may stop another of its user (SIGSTOP). The parent learns of it by SIGCHLD, like of
// an end.
#pragma once

#include <sys/types.h>

namespace phork::process {

// Lets a child of ours that has not been reaped go on, if somebody has stopped it. True when it
// was.
bool continue_if_stopped(pid_t child);

}  // namespace phork::process
