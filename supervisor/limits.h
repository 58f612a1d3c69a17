// SPDX-License-Identifier: MIT
//
// The resource limits that bootstrap and all below it run with.
#pragma once

#include "runtime/base/result.h"
#include "supervisor/config.h"

namespace phork::supervisor {

// Crashes write core files only if PHORK_CORE_DUMPS asks for them: a core file of PHP takes a large
// part of Lambda's /tmp, and nobody fetches it.
void limit_core_files(bool asked_for);

// Makes room for the descriptors of all slots: raises the soft limit to the hard one where they
// need it. An error says how many they need.
base::Status make_room_for_descriptors(const Config& config);

}  // namespace phork::supervisor
