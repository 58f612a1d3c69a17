// SPDX-License-Identifier: MIT
//
// Whether php-fpm is to run the entry as a script or as a handler. It has to be known before the
// entry is run, and only PHP can tell, so that php-worker is asked: once, while php-fpm starts.
#pragma once

#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// kHandler or kScript: what PHORK_ENTRY says, or what the file is. Errors name the program.
base::Result<base::EntryKind> find_entry_kind(const Settings& settings);

}  // namespace phork::strategies
