// SPDX-License-Identifier: MIT
//
// Strategy rollback (F), experimental: a worker serves event after event, and in between its memory
// is put back to what it was and its kernel state is compared (php-worker/sapi/rollback/snapshot.h,
// kernel_state.h). A worker that differs from what it was ends, and another one is forked from the
// zygote. docs/rollback.md says what is proved and what is not.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_rollback(const Settings& settings);

}  // namespace phork::strategies
