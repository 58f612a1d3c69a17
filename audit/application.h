// SPDX-License-Identifier: MIT
//
// What a user's application left behind from one event to the next, from the record that the
// runtime wrote while it served them. Pure. Without a record nothing is said about it: `unknown`
// has the reason.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audit/fingerprint.h"

namespace phork::audit {

struct ApplicationReport {
  std::string unknown;      // why it was not examined; empty when it was
  bool started = true;      // false: its boot failed, as `unknown` says
  std::size_t events = 0;   // sent
  std::size_t records = 0;  // of them, those whose beginning was recorded
  std::vector<Change> changes{};
  std::vector<std::string> gaps{};      // groups of state that the runtime could not look at
  std::vector<std::string> failures{};  // events that failed, each kind of failure once

  bool examined() const { return unknown.empty(); }
};

// Of `events` events; `record` is what was written meanwhile.
ApplicationReport read_application(std::string_view record, std::size_t events);

// Keeps the failure of an event, unless it is among the failures already.
void add_failure(ApplicationReport& report, std::string failure);

}  // namespace phork::audit
