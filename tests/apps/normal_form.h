// SPDX-License-Identifier: MIT
//
// An answer as text. The values that must differ between two servers are masked, and nothing else:
// docs/applications.md holds the list of masks.
#pragma once

#include <string>
#include <vector>

#include "emulator/http/message.h"

namespace phork::apps {

struct Mask {
  std::string what;
  std::string why;
  std::string pattern;      // an ECMAScript regular expression
  std::string replacement;  // may name groups of it: $1
};

const std::vector<Mask>& masks();

// Status, headers sorted by name, an empty line, body.
std::string normal_form(const emulator::HttpReply& reply);

// The place where two normal forms begin to differ, with both texts; empty when they are equal.
std::string difference(const std::string& ours, const std::string& reference);

}  // namespace phork::apps
