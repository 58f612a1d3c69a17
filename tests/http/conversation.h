// SPDX-License-Identifier: MIT
//
// The requests of one case, sent by one client in order; cookies of an answer go into the next
// request. Session ids are random, so each is replaced by a word.
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
