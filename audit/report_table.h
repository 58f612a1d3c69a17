// SPDX-License-Identifier: MIT
//
// The table of an audit: a row for each kind of state and a column for each strategy. With one
// strategy it says in each row what the kind is. Plain ASCII in lines of at most 100 columns, not
// counting the colours.
#pragma once

#include <string>

#include "audit/report.h"

namespace phork::audit {

// A strategy whose probe did not answer has no column. "" when no strategy is left.
std::string table(const AuditReport& report, bool colours);

}  // namespace phork::audit
