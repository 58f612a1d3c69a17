// SPDX-License-Identifier: MIT
//
// Strategy fpm (E): a supervised php-fpm with one worker per slot, spoken to over FastCGI. It is
// how most PHP applications run on servers, and the yardstick for the other strategies;
// docs/fpm.md. Fresh for an event: whatever php-fpm resets between two requests; the entry runs
// from its beginning with a warm opcache. The boot is thus paid inside every event, php-fpm's own
// start once, at cold start. A crash costs the event; php-fpm starts another worker before the next
// one.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_fpm(const Settings& settings);

}  // namespace phork::strategies
