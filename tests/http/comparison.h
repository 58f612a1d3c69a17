// SPDX-License-Identifier: MIT
//
// Two answers to one request, taken apart into named facts and compared. What is meant to differ is
// listed in differences.h; whatever else differs is a defect.
#pragma once

#include <map>
#include <string>

#include "emulator/http/message.h"
#include "tests/http/door.h"

namespace phork::http_suite {

// "status", "header vary", "body"; of a dump, in place of the body: "get", "server HTTPS", ...
using Facts = std::map<std::string, std::string>;

// Between the values of a header that is there more than once.
inline constexpr const char* kBetweenValues = " | ";

Facts facts_of(const emulator::HttpReply& reply);

// The facts that differ, one line each with both values; "" when there is none.
std::string compare(Facts ours, Facts theirs, const Door& door);

}  // namespace phork::http_suite
