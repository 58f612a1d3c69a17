// SPDX-License-Identifier: MIT
//
// Strategy inprocess (A): bootstrap becomes the PHP process. php-worker is executed in its place,
// with its pid, and speaks the Runtime API itself; nothing of bootstrap is left to be in the way.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_inprocess(const Settings& settings);

}  // namespace phork::strategies
