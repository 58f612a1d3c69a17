// SPDX-License-Identifier: MIT
//
// The kinds of state that the probe application knows how to look at and to change
// (audit/probe), as it lists them itself: the auditor has no list of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::audit {

struct Kind {
  std::string name;   // unique, "global-variable"
  std::string group;  // "php", "settings", ...
  std::string title;  // "a global variable"
  bool available = true;
  std::string reason{};   // why this PHP cannot have such state; empty when it can
  std::string channel{};  // of state that is outside the isolation contract: its channel
  std::string policy{};   // of such a channel, or about kept_by: one line
  // Strategies that are known not to reset it, and promise no more.
  std::vector<std::string> kept_by{};

  bool shared() const { return !channel.empty(); }

  bool stays_under(std::string_view strategy) const;
};

// {"audit":"kinds"}
std::string kinds_event();

// The answer to it. kInvalid when it is not what the probe promises, or a name comes twice.
base::Result<std::vector<Kind>> read_kinds(std::string_view answer);

}  // namespace phork::audit
