// SPDX-License-Identifier: MIT
//
// The harm that an event's code can do to its process, and the answer that its caller must get: one
// list for every strategy.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tests/support/runtime_harness.h"

namespace phork::conformance {

// The reason why a strategy is excused from a case; "" when it is not.
using Excuse = std::string_view;

struct Fault {
  std::string_view name;
  std::string_view event;  // JSON; empty: the event is made by name
  std::string_view type;   // of the failure; empty: an answer is expected
  std::string_view text;   // a part of the failure's message or of the answer
  Excuse inprocess;        // where one process serves all events
  bool slow = false;       // ends by its deadline
  // Instead of `text` and `type` under fpm, which tells less, and whose worker has one connection.
  std::string_view fpm_text = {};
  std::string_view fpm_type = {};
};

std::span<const Fault> all_faults();

// The handler that does the harm, and limits that end an endless event after 3 s.
testing::RuntimeOptions fault_options(const std::string& strategy);
std::string event_of(const Fault& fault);
// "" when the result is the one that the fault's caller must get, else what is wrong with it.
std::string judge(const Fault& fault, const std::string& strategy,
                  const emulator::EventResult& result);

}  // namespace phork::conformance
