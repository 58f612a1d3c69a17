// SPDX-License-Identifier: MIT
//
// Strategy exec (B): a new php-worker is started inside each event, boots the application, serves
// the event and ends. Nothing survives, and everything is paid for every time.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_exec(const Settings& settings);

}  // namespace phork::strategies
