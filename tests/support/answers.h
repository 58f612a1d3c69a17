// SPDX-License-Identifier: MIT
//
// Answers and boot errors of a runtime under test, and one without privileges.
#pragma once

#include <string>
#include <unistd.h>

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

// As on Lambda: bootstrap runs as a user who owns nothing, and who has to be able to read the
// function and the build. False, with a message, when this test may not become another user.
inline bool drop_privileges(RuntimeOptions& options) {
  if (::geteuid() != 0) {
    MESSAGE("not run as root: skipped");
    return false;
  }
  options.prelude += R"(exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@")";
  return true;
}

// The error with which the boot ends.
inline std::string init_error_of(const RuntimeOptions& options) {
  Runtime runtime(options);
  runtime.process().wait_exit();
  return runtime.init_error();
}

}  // namespace phork::testing
