// SPDX-License-Identifier: MIT
//
// Everything an event's code may do to its process, and what its caller has to get: the same list
// for every strategy.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tests/support/runtime_harness.h"

namespace phork::conformance {

// Why a strategy is excused from a case; "" when it is not.
using Excuse = std::string_view;

struct Fault {
  std::string_view name;
  std::string_view event;  // JSON; empty: the event is made by name
  std::string_view type;   // of the failure; empty: an answer is expected
  std::string_view text;   // a part of the failure's message or of the answer
  Excuse inprocess;        // it is one process for all events
  bool slow = false;       // ends by its deadline
  // Where php-fpm tells less: it keeps exit codes to itself.
  std::string_view fpm_text = {};
};

std::span<const Fault> all_faults();

// The handler that does them, and limits that let an event that never ends run for 1.5 s.
testing::RuntimeOptions fault_options(const std::string& strategy);
std::string event_of(const Fault& fault);
// "" when the result is what the fault's caller has to get, else what is wrong with it.
std::string judge(const Fault& fault, const std::string& strategy,
                  const emulator::EventResult& result);

}  // namespace phork::conformance
