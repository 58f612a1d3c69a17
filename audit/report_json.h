// SPDX-License-Identifier: MIT
//
// An audit for programs: one JSON object with everything that was found, nothing shortened.
#pragma once

#include <string>

#include "audit/report.h"

namespace phork::audit {

std::string to_json(const AuditReport& report);

}  // namespace phork::audit
