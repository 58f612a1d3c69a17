// SPDX-License-Identifier: MIT
//
// An audit in words: each leak by its name, what could not be tested and why, what the user's
// application left behind, and the conclusion. Plain ASCII, one line of at most 100 columns for a
// leak unless everything is wanted in full.
#pragma once

#include <string>

#include "audit/report.h"

namespace phork::audit {

// Leaks of the probe, the kinds that are known to survive, and those that were not tested. `full`:
// values are not shortened, and the kinds that are shared or unavailable are there too.
std::string probe_details(const StrategyReport& report, bool full);

// "" when there is no application, or nothing to say about it.
std::string application_details(const StrategyReport& report, bool full);

// One paragraph: whether the strategy is safe for this application, and why.
std::string conclusion(const StrategyReport& report);

// All of it, behind one another.
std::string details(const AuditReport& report, bool full);

}  // namespace phork::audit
