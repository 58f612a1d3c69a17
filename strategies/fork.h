// SPDX-License-Identifier: MIT
//
// Strategy fork (D): a zygote boots the application once; for every event a child is forked from it
// *before* the event comes, serves it and ends. Nothing of the process survives an event.
// https://en.wikipedia.org/wiki/Zygote_(Android) is the same idea.
#pragma once

#include <memory>

#include "strategies/strategy.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_fork(const Settings& settings);

}  // namespace phork::strategies
