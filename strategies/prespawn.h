// SPDX-License-Identifier: MIT
//
// Strategy prespawn (C): a php-worker is started and booted before its event comes, serves it and
// ends. The boot is off the caller's path, and billed after the answer before.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_prespawn(const Settings& settings);

}  // namespace phork::strategies
