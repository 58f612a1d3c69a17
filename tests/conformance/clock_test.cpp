// SPDX-License-Identifier: MIT
//
// Deadlines that the clock has left behind, or that no clock reaches, under every strategy; and an
// environment that is frozen until the last event's deadlines have passed.
#include <chrono>
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "runtime/process/process_tree.h"
#include "tests/conformance/strict_lambda.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
using conformance::StrictLambda;
using std::chrono::system_clock;

std::string milliseconds_of(system_clock::time_point time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

}  // namespace

TEST_SUITE("clock") {
  TEST_CASE("an event whose deadline has passed is ended at once, and the next one is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO(strategy);
      StrictLambda lambda(strategy, {{"_HANDLER", "fault.php"}});
      for (const char* deadline_ms : {"1", "1542409706888"}) {
        lambda.wait_idle();
        const std::string id = lambda.give(R"({"fault":"endless loop"})", deadline_ms);
        lambda.check_error(id, "Function.Timeout", "deadline");
        lambda.wait_idle();
        lambda.serve_normally();
      }
      CHECK(lambda.api().refused().empty());
    }
  }

  TEST_CASE("an event that is to be interrupted before its worker has booted has timed out") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO(strategy);
      StrictLambda lambda(strategy,
                          {{"_HANDLER", "fault.php"}, {"PHORK_DEADLINE_MARGIN_MS", "3000"}});
      lambda.wait_idle();
      const std::string deadline = milliseconds_of(system_clock::now() + 3s);
      lambda.check_error(lambda.give(R"({"fault":"endless loop"})", deadline), "Function.Timeout",
                         "deadline");
      lambda.wait_idle();
      lambda.serve_normally();
      CHECK(lambda.api().refused().empty());
    }
  }

  TEST_CASE("an event whose deadline makes no sense is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO(strategy);
      StrictLambda lambda(strategy);
      for (const char* deadline_ms : {"0", "-1", "soon", "99999999999999999999", "9223372036854"}) {
        lambda.wait_idle();
        lambda.check_answer(lambda.give_event(true, deadline_ms));
      }
      lambda.wait_idle();
      CHECK(lambda.api().refused().empty());
    }
  }

  TEST_CASE("an environment that was frozen beyond its last event's deadline serves the next one") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO(strategy);
      StrictLambda lambda(strategy, {{"PHORK_DEADLINE_MARGIN_MS", "100"}});
      lambda.wait_idle();
      for (int round = 0; round < 2; ++round) {
        const auto deadline = system_clock::now() + 2s;
        lambda.check_answer(lambda.give_event(true, milliseconds_of(deadline)));
        lambda.wait_idle();
        const auto frozen = process::stop_tree(lambda.pid());
        REQUIRE(testing::eventually([&] { return system_clock::now() > deadline; }));
        const std::string id = lambda.give_event(true);
        for (const pid_t pid : frozen) ::kill(pid, SIGCONT);
        lambda.check_answer(id);
        lambda.wait_idle();
      }
      lambda.serve_normally();
      CHECK(lambda.api().refused().empty());
    }
  }
}
