// SPDX-License-Identifier: MIT
//
// An audit in words: each leak by its name, the kinds that could not be tested and why, the state
// that the user's application left behind, and the conclusion. Plain ASCII in lines of at most 100
// columns; `full` shortens no value and lifts that limit.
#pragma once

#include <string>

#include "audit/report.h"

namespace phork::audit {

// Leaks that the probe found, kinds that the strategy is known to keep, and kinds that were not
// tested. `full` adds the kinds that are shared or unavailable.
std::string probe_details(const StrategyReport& report, bool full);

// "" when there is no application, or nothing to say about it.
std::string application_details(const StrategyReport& report, bool full);

// One paragraph that says whether the strategy is safe for this application, and why.
std::string conclusion(const StrategyReport& report);

// The details of each strategy in turn, then all conclusions.
std::string details(const AuditReport& report, bool full);

}  // namespace phork::audit
