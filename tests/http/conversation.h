// SPDX-License-Identifier: MIT
//
// One case as one client lives it: requests in order, cookies carried on, what was answered as
// facts. Session ids are random, so each is replaced by a word.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/http/comparison.h"

namespace phork::http_suite {

using Ask = std::function<emulator::HttpReply(const testing::HttpCall& call)>;

std::vector<Facts> converse(const HttpCase& item, const Ask& ask);

}  // namespace phork::http_suite
