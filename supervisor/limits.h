// SPDX-License-Identifier: MIT
//
// The resource limits that bootstrap and all below it run with.
#pragma once

namespace phork::supervisor {

// Crashes write core files only if PHORK_CORE_DUMPS asks for them: a core file of PHP takes a large
// part of Lambda's /tmp, and nobody fetches it.
void limit_core_files(bool asked_for);

}  // namespace phork::supervisor
