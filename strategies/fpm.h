// SPDX-License-Identifier: MIT
//
// Strategy fpm (E): a supervised php-fpm with one worker for each slot, spoken to over FastCGI.
// What PHP-FPM resets between requests is fresh for each event; the entry runs anew inside each,
// with opcache warm. It is what most PHP applications on servers have, and the yardstick for the
// others.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_fpm(const Settings& settings);

}  // namespace phork::strategies
