// SPDX-License-Identifier: MIT
//
// PHORK_SECRETS: values of AWS's stores as variables of this process's environment. They are not in
// the block that /proc/PID/environ shows, and bootstrap never has them.
#pragma once

#include <optional>

#include "runtime/event/invocation.h"

namespace phork::sapi {

bool has_secrets();

// Reads them by our PHP library (php-worker/src/Secrets) and exports them. Call it in an open
// request, when use_library() has been called. A failure has no value in its text.
std::optional<event::Failure> load_secrets();

}  // namespace phork::sapi
