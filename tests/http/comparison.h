// SPDX-License-Identifier: MIT
//
// Two answers to one request, taken apart into named facts and compared. differences.h lists the
// facts that are meant to differ; any other difference is a defect.
#pragma once

#include <map>
#include <string>

#include "emulator/http/message.h"
#include "tests/http/gateway.h"

namespace phork::http_suite {

// "status", "header vary", "body"; instead of the body of a dump: "get", "server HTTPS", ...
using Facts = std::map<std::string, std::string>;

// Stands between the values of a repeated header.
inline constexpr const char* kBetweenValues = " | ";

Facts facts_of(const emulator::HttpReply& reply);

// The facts that differ, one line each with both values; "" when there is none.
std::string compare(Facts ours, Facts theirs, const Gateway& gateway);

}  // namespace phork::http_suite
