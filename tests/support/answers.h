// SPDX-License-Identifier: MIT
//
// Answers and boot errors of a runtime under test.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"

namespace phork::testing {

// The answer to an event, as JSON. Fails the test when there is none.
inline Json answer_of(Runtime& runtime, const std::string& payload = "{}") {
  const auto result = runtime.invoke(payload);
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(result.body);
}

// The error with which the boot ends.
inline std::string init_error_of(const RuntimeOptions& options) {
  Runtime runtime(options);
  runtime.process().wait_exit();
  return runtime.init_error();
}

}  // namespace phork::testing
