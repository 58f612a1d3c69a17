// SPDX-License-Identifier: MIT
//
// An answer as text in which everything that has to differ between two servers is masked, and
// nothing else. The list of what is masked is the one in docs/applications.md.
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

// Where two normal forms begin to differ, on both sides; empty when they are equal.
std::string difference(const std::string& ours, const std::string& reference);

}  // namespace phork::apps
