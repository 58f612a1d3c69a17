// SPDX-License-Identifier: MIT
//
// The processes behind the events: told to end, killed from outside, replaced after enough events,
// short of resources. Real bootstrap, real PHP.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using namespace std::chrono_literals;
using testing::eventually;
using testing::Json;
using testing::lives;
using testing::Runtime;
using testing::RuntimeOptions;

constexpr const char* kHalfASecond = R"({"fault":"wait","ms":500})";

RuntimeOptions options_for(const std::string& strategy, const std::string& handler = "fault.php") {
  RuntimeOptions options;
  options.strategy = strategy;
  options.handler = handler;
  return options;
}

bool none_lives(const std::vector<pid_t>& pids) {
  return std::ranges::none_of(pids, testing::lives);
}

// Starts an event in a new thread; it is under way when this returns.
std::future<emulator::EventResult> begin_event(Runtime& runtime) {
  REQUIRE_MESSAGE(eventually([&] { return runtime.idle(); }), runtime.output());
  auto result = std::async(std::launch::async, [&runtime] { return runtime.invoke(kHalfASecond); });
  REQUIRE(eventually([&] { return !runtime.idle(); }));
  return result;
}

// The zygote of an idle bootstrap: its direct child.
pid_t zygote_of(Runtime& runtime) {
  return runtime.settled().front();
}

// Kills each of the workers that wait, in turn, and has events served after each.
void kill_each(Runtime& runtime, int zygotes, int workers) {
  answer_of(runtime);
  for (int worker = 0; worker < workers; ++worker) {
    CAPTURE(worker);
    const auto below = runtime.settled(zygotes + workers);
    const pid_t victim = *std::next(below.begin(), zygotes + worker);
    ::kill(victim, SIGKILL);
    REQUIRE(eventually([&] { return !lives(victim); }));
    for (int event = 0; event < 4; ++event) answer_of(runtime);
  }
  runtime.settled(zygotes + workers);
}

}  // namespace

TEST_SUITE("lifecycle: the end") {
  TEST_CASE("SIGTERM while idle ends bootstrap with exit code 0, and everything below it") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_for(strategy));
      answer_of(runtime);
      const auto below = runtime.settled();
      runtime.process().signal(SIGTERM);
      const auto status = runtime.process().wait_exit();
      CHECK_MESSAGE(status.clean(), status.describe() << "\n" << runtime.output());
      CHECK(none_lives(below));
    }
  }

  TEST_CASE("SIGTERM during an event lets the event be answered first") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_for(strategy));
      auto result = begin_event(runtime);
      const auto below = testing::descendant_pids(runtime.pid());
      runtime.process().signal(SIGTERM);
      const auto answered = result.get();
      CHECK_MESSAGE(answered.answered(), answered.body);
      const auto status = runtime.process().wait_exit();
      CHECK_MESSAGE(status.clean(), status.describe() << "\n" << runtime.output());
      CHECK(none_lives(below));
    }
  }

  TEST_CASE("bootstrap serves where the API has no extensions, and says so once") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_for(strategy);
      options.environment["PHORK_GRACEFUL_SHUTDOWN"] = "on";
      Runtime runtime(options);
      answer_of(runtime);
      answer_of(runtime);
      const std::string output = runtime.output();
      const std::size_t said = output.find("register extension");
      CHECK_MESSAGE(said != std::string::npos, output);
      CHECK(output.find("register extension", said + 1) == std::string::npos);
    }
  }
}

TEST_SUITE("lifecycle: the zygote is killed") {
  TEST_CASE("while idle, ten times: no event fails and another one takes over") {
    Runtime runtime(options_for("fork"));
    answer_of(runtime);
    for (int round = 0; round < 10; ++round) {
      CAPTURE(round);
      const pid_t zygote = zygote_of(runtime);
      ::kill(zygote, SIGKILL);
      REQUIRE(eventually([&] { return !lives(zygote); }));
      answer_of(runtime);
      answer_of(runtime);
      CHECK(zygote_of(runtime) != zygote);
    }
  }

  TEST_CASE("during an event, ten times: the event is still answered") {
    Runtime runtime(options_for("fork"));
    for (int round = 0; round < 10; ++round) {
      CAPTURE(round);
      const pid_t zygote = zygote_of(runtime);
      auto result = begin_event(runtime);
      ::kill(zygote, SIGKILL);
      const auto ended = result.get();
      CHECK_MESSAGE(ended.answered(), ended.body << "\n" << runtime.output());
      answer_of(runtime);
      answer_of(runtime);
      CHECK(zygote_of(runtime) != zygote);
    }
  }
}

TEST_SUITE("lifecycle: enough events") {
  TEST_CASE("inprocess serves so many events in one process, then in another") {
    RuntimeOptions options = options_for("inprocess", "counter.php");
    options.environment["PHORK_MAX_EVENTS"] = "5";
    Runtime runtime(options);
    std::set<std::int64_t> pids;
    for (int event = 0; event < 12; ++event) {
      const Json answer = answer_of(runtime);
      CHECK(answer.integer("served") == event % 5 + 1);
      pids.insert(answer.integer("pid"));
    }
    CHECK(pids.size() == 3);
  }

  TEST_CASE("after sixteen crashes another zygote boots, and not before") {
    constexpr const char* kCrash = R"({"fault":"SIGKILL"})";
    Runtime runtime(options_for("fork"));
    answer_of(runtime);
    const pid_t first = zygote_of(runtime);
    for (int crash = 0; crash < 15; ++crash) CHECK_FALSE(runtime.invoke(kCrash).answered());
    answer_of(runtime);
    CHECK(zygote_of(runtime) == first);
    CHECK_FALSE(runtime.invoke(kCrash).answered());
    // Its last child serves an event before it goes.
    CHECK(eventually([&] {
      answer_of(runtime);
      return !lives(first);
    }));
  }

  TEST_CASE("a zygote is replaced by one that booted beside it, and ends") {
    RuntimeOptions options = options_for("fork", "slow_boot.php");
    options.environment["PHORK_MAX_EVENTS"] = "5";
    options.environment["PHORK_METRICS"] = "json";
    Runtime runtime(options);
    const auto first = static_cast<pid_t>(answer_of(runtime).integer("bootPid"));
    int events = 1;
    auto second = first;
    auto longest = 0ms;
    const auto start = std::chrono::steady_clock::now();
    while (second == first && std::chrono::steady_clock::now() - start < 20s) {
      const auto begin = std::chrono::steady_clock::now();
      second = static_cast<pid_t>(answer_of(runtime).integer("bootPid"));
      longest = std::max(longest, std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::steady_clock::now() - begin));
      ++events;
    }
    CHECK(second != first);
    CHECK(events > 5);
    // An event that waited for a boot would have taken a second.
    CHECK(longest < 900ms);
    CHECK(eventually([&] { return !lives(first); }));
    answer_of(runtime);
    answer_of(runtime);
    CHECK(eventually([&] { return testing::descendants(runtime.pid()).zombies == 0; }));
    CHECK(runtime.output().find(R"("generation":1)") != std::string::npos);
    CHECK(runtime.output().find(R"("generation":2)") != std::string::npos);
  }
}

TEST_SUITE("lifecycle: spares") {
  TEST_CASE("PHORK_SPARES sets how many workers wait, and one that is killed costs no event") {
    for (const int more : {0, 1}) {
      RuntimeOptions options = options_for("prespawn");
      options.environment["PHORK_SPARES"] = "3";
      options.environment["PHORK_REFILL"] = more == 0 ? "before" : "during";
      Runtime runtime(options);
      kill_each(runtime, 0, 3 + more);
    }
  }

  TEST_CASE("PHORK_REFILL sets how many children wait, and one that is killed costs no event") {
    for (const int more : {0, 1}) {
      RuntimeOptions options = options_for("fork");
      options.environment["PHORK_REFILL"] = more == 0 ? "before" : "during";
      Runtime runtime(options);
      kill_each(runtime, 1, 1 + more);
    }
  }

  TEST_CASE("under rollback one child waits, and one that is killed costs no event") {
    if (testing::kAddressSanitizer) return;
    Runtime runtime(options_for("rollback"));
    kill_each(runtime, 1, 1);
  }
}

TEST_SUITE("lifecycle: limits") {
  TEST_CASE("a crash writes a core file only if PHORK_CORE_DUMPS is on") {
    const testing::ScratchFolder folder;
    folder.write("limit.php", R"(<?php
return static function (): array {
    $limits = file_get_contents('/proc/self/limits');
    preg_match('/^Max core file size\s+(\w+)\s+(\w+)/m', $limits, $found);
    return ['soft' => $found[1], 'hard' => $found[2]];
};
)");
    for (const std::string& strategy : testing::all_strategies()) {
      for (const bool on : {false, true}) {
        // Each program of such a build sets the limit to 0.
        if (on && testing::kAddressSanitizer) continue;
        CAPTURE(strategy);
        CAPTURE(on);
        RuntimeOptions options = options_for(strategy, "limit.php");
        options.task_root = folder.path();
        options.prelude = "ulimit -Sc $(ulimit -Hc)";
        if (on) options.environment["PHORK_CORE_DUMPS"] = "on";
        Runtime runtime(options);
        const Json limit = answer_of(runtime);
        CHECK(limit.text("soft") == (on ? limit.text("hard") : "0"));
      }
    }
  }
}

TEST_SUITE("lifecycle: short of resources") {
  TEST_CASE("64 descriptors are enough, and an event that uses them all harms no other event") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_for(strategy);
      options.prelude = "ulimit -n 64";
      Runtime runtime(options);
      for (int round = 0; round < 3; ++round) {
        const Json taken = answer_of(runtime, R"({"fault":"all descriptors"})");
        CHECK(taken.integer("opened") > 0);
        CHECK(taken.integer("opened") < 64);
        CHECK(answer_of(runtime, R"({"id":7})").integer("id") == 7);
      }
    }
  }

  TEST_CASE(
      "events are served where no file can be written, or the strategy says that it needs one") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_for(strategy);
      // Output would go to a file here, but goes to a pipe on Lambda.
      options.prelude = "ulimit -f 16; exec >/dev/null 2>&1";
      Runtime runtime(options);
      // An image of its memory.
      if (strategy == "rollback") {
        CHECK(runtime.process().wait_exit().describe() == "exit code 1");
        CHECK(runtime.init_error().find("RLIMIT_FSIZE") != std::string::npos);
        continue;
      }
      for (int id = 0; id < 3; ++id) {
        const auto answer = answer_of(runtime, R"({"id":)" + std::to_string(id) + "}");
        CHECK(answer.integer("id") == id);
      }
    }
  }

  TEST_CASE(
      "an event that leaves its process group is ended at its deadline, and is alone in that") {
    for (const char* const strategy : {"inprocess", "prespawn", "fork", "rollback"}) {
      if (testing::kAddressSanitizer && std::string(strategy) == "rollback") continue;
      CAPTURE(std::string(strategy));
      RuntimeOptions options = options_for(strategy, "leaves_group.php");
      options.timeout = 3s;
      Runtime runtime(options);
      const auto late = runtime.invoke(R"({"leaves":true})");
      CHECK(Json(late.body).text("errorType") == "Function.Timeout");
      CHECK(answer_of(runtime).integer("pid") > 0);
      runtime.settled();
    }
  }
}
