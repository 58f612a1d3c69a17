// SPDX-License-Identifier: MIT
//
// Several events at once in one environment, as on Lambda Managed Instances: every slot serves, and
// no slot sees the others.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/concurrent_api.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::ConcurrentApi;
using testing::eventually;
using testing::Json;

constexpr int kSlots = 4;

using Variables = std::map<std::string, std::string>;

Variables environment_for(const std::string& address, const std::string& handler, int slots,
                          const Variables& more = {}) {
  Variables variables = more;
  variables.insert({{"AWS_LAMBDA_RUNTIME_API", address},
                    {"AWS_LAMBDA_MAX_CONCURRENCY", std::to_string(slots)},
                    {"AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances"},
                    {"_HANDLER", handler},
                    {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
  return variables;
}

// bootstrap with several slots, and its Runtime API.
struct Instance {
  explicit Instance(const std::string& strategy, const std::string& handler = "fault.php",
                    int slot_count = kSlots, const Variables& more = {})
      : slots(slot_count),
        process(testing::program("bootstrap"), {"--strategy=" + strategy},
                environment_for(api.address(), handler, slot_count, more)) {}

  bool idle() const {
    return eventually([this] { return api.parked() == slots; });
  }

  int slots;
  ConcurrentApi api;  // outlives the process
  testing::Program process;
};

// The child of bootstrap that itself has children, or 0.
pid_t zygote_below(pid_t bootstrap) {
  for (const pid_t pid : testing::descendant_pids(bootstrap)) {
    if (!testing::descendant_pids(pid).empty()) return pid;
  }
  return 0;
}

const char* const kEnds[] = {"answer", "exception", "answer", "exit"};

std::string event_name(int number) {
  return "event-" + std::to_string(number);
}

// Each event has one outcome: an answer, except for the event "crash".
void check_outcomes(const ConcurrentApi& api) {
  for (const auto& ended : api.outcomes()) {
    const std::string& id = ended.first;
    CAPTURE(id);
    REQUIRE(ended.second.size() == 1);
    const ConcurrentApi::Posted& posted = ended.second.front();
    CHECK_MESSAGE(posted.answered == (id != "crash"), posted.body);
  }
}

// "" when these are the outcomes that event `number` must have, else what is wrong.
std::string judge(int number, const std::vector<ConcurrentApi::Posted>& outcomes) {
  if (outcomes.size() != 1) return std::to_string(outcomes.size()) + " outcomes";
  const ConcurrentApi::Posted& posted = outcomes.front();
  const std::string end = kEnds[number % 4];
  if (posted.answered != (end == "answer")) return "ended otherwise: " + posted.body;
  const Json body(posted.body);
  if (posted.answered) return body.text("id") == event_name(number) ? "" : posted.body;
  const std::string message = body.text("errorMessage");
  if (end == "exception") return message == event_name(number) ? "" : posted.body;
  const std::string code = "exit(" + std::to_string(number % 256) + ")";
  return message.find(code) != std::string::npos ? "" : posted.body;
}

}  // namespace

TEST_SUITE("concurrency") {
  TEST_CASE("bootstrap asks for as many events as may run at once, and no more") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Instance instance(strategy);
      REQUIRE_MESSAGE(instance.idle(), instance.process.output());
      for (int event = 0; event < 20; ++event) instance.api.give(event_name(event), "{}");
      REQUIRE_MESSAGE(instance.api.wait_outcomes(20), instance.process.output());
      CHECK_MESSAGE(instance.idle(), instance.process.output());
      CHECK(instance.api.most_parked() == kSlots);
    }
  }

  TEST_CASE("events run side by side") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const testing::ScratchFolder folder;
      Instance instance(strategy);
      REQUIRE_MESSAGE(instance.idle(), instance.process.output());
      // Each waits until all have begun.
      for (int event = 0; event < kSlots; ++event) {
        instance.api.give(event_name(event), R"({"fault":"meet","folder":")" + folder.path() +
                                                 R"(","count":)" + std::to_string(kSlots) + "}");
      }
      REQUIRE(instance.api.wait_outcomes(kSlots));
      check_outcomes(instance.api);
    }
  }

  TEST_CASE("a crash in one slot leaves the others' events alone, and the slot serves again") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Instance instance(strategy);
      REQUIRE_MESSAGE(instance.idle(), instance.process.output());
      for (int event = 0; event < kSlots - 1; ++event) {
        instance.api.give(event_name(event), R"({"fault":"wait","ms":700})");
      }
      instance.api.give("crash", R"({"fault":"SIGSEGV"})");
      REQUIRE(instance.api.wait_outcomes(kSlots));
      CHECK_MESSAGE(instance.idle(), instance.process.output());
      for (int event = kSlots; event < 3 * kSlots; ++event) {
        instance.api.give(event_name(event), "{}");
      }
      REQUIRE(instance.api.wait_outcomes(std::size_t{3} * kSlots));
      check_outcomes(instance.api);
      CHECK(instance.idle());
    }
  }

  TEST_CASE("under load each event gets one outcome, its own") {
    Instance instance("fork", "mixed.php");
    REQUIRE_MESSAGE(instance.idle(), instance.process.output());
    const int events = static_cast<int>(testing::event_count(10'000));
    for (int event = 0; event < events; ++event) {
      const std::string id = event_name(event);
      instance.api.give(id, R"({"id":")" + id + R"(","end":")" + kEnds[event % 4] + "\"}");
    }
    REQUIRE(instance.api.wait_outcomes(static_cast<std::size_t>(events)));
    CHECK(instance.idle());
    const auto outcomes = instance.api.outcomes();
    CHECK(outcomes.size() == static_cast<std::size_t>(events));
    for (int event = 0; event < events; ++event) {
      CAPTURE(event);
      const auto found = outcomes.find(event_name(event));
      REQUIRE(found != outcomes.end());
      const std::string wrong = judge(event, found->second);
      REQUIRE_MESSAGE(wrong.empty(), wrong);
    }
  }

  TEST_CASE("a zygote that is killed under load is replaced, and each event has one outcome") {
    Instance instance("fork");
    REQUIRE_MESSAGE(instance.idle(), instance.process.output());
    constexpr int kKills = 10;
    constexpr int kEventsBetween = 100;
    for (int kill = 0; kill < kKills; ++kill) {
      for (int event = 0; event < kEventsBetween; ++event) {
        instance.api.give(event_name(kill * kEventsBetween + event), "{}");
      }
      // Somewhere in the middle of them.
      const auto before = static_cast<std::size_t>(kill) * kEventsBetween;
      REQUIRE(instance.api.wait_outcomes(before + kEventsBetween / 2));
      const pid_t zygote = zygote_below(instance.process.pid());
      if (zygote != 0) ::kill(zygote, SIGKILL);
      REQUIRE(instance.api.wait_outcomes(before + kEventsBetween));
    }
    check_outcomes(instance.api);
    CHECK(instance.api.outcomes().size() == std::size_t{kKills} * kEventsBetween);
    CHECK(instance.idle());
    // Where no memory size is stated, each slot has a child in advance if there is a processor.
    const int children = kSlots * (std::thread::hardware_concurrency() >= 2 ? 2 : 1);
    const auto is_tidy = [&instance, children] {
      const testing::Descendants below = testing::descendants(instance.process.pid());
      return below.zombies == 0 && below.live == 1 + children;
    };
    CHECK_MESSAGE(eventually(is_tidy), instance.process.output());
  }

  TEST_CASE(
      "with PHORK_GRACEFUL_SHUTDOWN bootstrap registers its extension once, before its first "
      "next") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Instance instance(strategy, "fault.php", 1,
                        {{"PHORK_GRACEFUL_SHUTDOWN", "on"}, {"PHORK_MAX_EVENTS", "2"}});
      REQUIRE_MESSAGE(instance.idle(), instance.process.output());
      // Enough for inprocess to replace its process.
      for (int event = 0; event < 5; ++event) instance.api.give(event_name(event), "{}");
      REQUIRE(instance.api.wait_outcomes(5));
      // The last `next` of a replaced process may still be on its way.
      REQUIRE(eventually([&] { return std::ranges::count(instance.api.calls(), "next") == 6; }));
      const auto calls = instance.api.calls();
      CHECK(calls.front() == "register");
      CHECK(std::ranges::count(calls, "register") == 1);
      CHECK(eventually(
          [&] { return std::ranges::count(instance.api.calls(), "extension id-1") == 1; }));
      instance.process.signal(SIGTERM);
      const auto status = instance.process.wait_exit();
      CHECK_MESSAGE(status.clean(), status.describe() << "\n" << instance.process.output());
      CHECK_MESSAGE(instance.process.output().find("extension") == std::string::npos,
                    instance.process.output());
    }
  }
}
