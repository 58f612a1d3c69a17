// SPDX-License-Identifier: MIT
//
// The table of an audit: kinds of state by strategies; with one strategy a list of kinds with what
// they are. At most 100 columns of plain ASCII, but for the colours where they are wanted.
#pragma once

#include <string>

#include "audit/report.h"

namespace phork::audit {

// Strategies whose probe could not be asked have no column. "" when there is none left.
std::string table(const AuditReport& report, bool colours);

}  // namespace phork::audit
