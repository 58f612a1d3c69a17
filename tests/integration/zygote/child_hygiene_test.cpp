// SPDX-License-Identifier: MIT
//
// The state in which an event under `fork` begins: settings that boot made are there, leftovers of
// boot and rehearsal are not. Real bootstrap, real PHP.
#include <chrono>
#include <csignal>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

RuntimeOptions state() {
  RuntimeOptions options;
  options.handler = "seal_state.php";
  return options;
}

}  // namespace

TEST_SUITE("child hygiene") {
  TEST_CASE("an event sees no error of the boot") {
    Runtime runtime(state());
    for (int event = 0; event < 2; ++event) {
      const Json found = answer_of(runtime);
      CHECK(found.raw("strtok") == "false");
      CHECK(found.integer("json") == 0);
      CHECK(found.integer("preg") == 0);
      CHECK(found.integer("libxml") == 0);
      CHECK(found.integer("intl") == 0);
      CHECK(found.raw("openssl") == "false");
      CHECK(found.raw("error") == "null");
    }
  }

  TEST_CASE("settings that boot made are there in every event") {
    Runtime runtime(state());
    for (int event = 0; event < 2; ++event) {
      const Json found = answer_of(runtime);
      CHECK(found.text("umask") == "0027");
      CHECK(found.text("cwd") == "/usr/lib");
      CHECK(found.text("timezone") == "Pacific/Auckland");
      CHECK(found.text("locale").find("C.UTF-8") != std::string::npos);
      CHECK(found.text("encoding") == "ISO-8859-1");
      CHECK(found.text("precision") == "5");
      CHECK(found.text("variable") == "boot");
      CHECK(found.boolean("libxml_internal"));
      // Only its own: signals that the event before heard are not there.
      CHECK(found.raw("signals") == R"(["heard"])");
    }
  }

  TEST_CASE("paths of the process itself lead to the event's, although boot has used them") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = state();
      options.strategy = strategy;
      Runtime runtime(options);
      for (int event = 0; event < 2; ++event) {
        const Json found = answer_of(runtime);
        CHECK(found.has("own.0"));
        CHECK(found.has("own.1"));
      }
    }
  }

  TEST_CASE("a bootstrap that is killed leaves no process behind") {
    Runtime runtime(state());
    answer_of(runtime);
    std::vector<base::Fd> ends;
    for (const pid_t pid : runtime.settled()) {
      ends.push_back(base::open_pidfd(pid));
    }
    runtime.process().signal(SIGKILL);
    const auto soon = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (const base::Fd& end : ends) CHECK(base::wait_readable(end.get(), soon));
  }

  TEST_CASE("no signal is blocked in an event") {
    Runtime runtime(state());
    CHECK(answer_of(runtime).raw("mask") == "[]");
  }

  TEST_CASE("an event begins with few roots for the cycle collector") {
    Runtime runtime(state());
    const Json found = answer_of(runtime);
    CHECK(found.integer("gc.roots") < 100);
    CHECK(found.integer("gc.threshold") == 10'001);
    CHECK(found.integer("gc_runs_after") == found.integer("gc.runs"));
  }

  TEST_CASE("cycles that an event makes are collected while it runs") {
    Runtime runtime(state());
    const Json found = answer_of(runtime, R"({"cycles":100000})");
    CHECK(found.integer("gc_runs_after") > found.integer("gc.runs"));
    // The event makes 100 MB of cycles.
    if (!testing::kAddressSanitizer) CHECK(found.integer("peak_mb") < 40);
  }
}
