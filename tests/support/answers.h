// SPDX-License-Identifier: MIT
//
// What a runtime under test says: an answer as JSON, or why it did not boot.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"

namespace phork::testing {

// Fails the test when the event has no answer.
inline Json answer_of(Runtime& runtime, const std::string& payload = "{}") {
  const auto result = runtime.invoke(payload);
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(result.body);
}

// What the boot ended with.
inline std::string init_error_of(const RuntimeOptions& options) {
  Runtime runtime(options);
  runtime.process().wait_exit();
  return runtime.init_error();
}

}  // namespace phork::testing
