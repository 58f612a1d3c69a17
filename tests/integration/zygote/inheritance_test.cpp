// SPDX-License-Identifier: MIT
//
// Events that change, from outside, the processes from which later events' processes inherit
// (tests/fixtures/handlers/outside.php).
#include <csignal>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/processes.h"
#include "tests/support/runtime_harness.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::eventually;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

constexpr const char* kChanges[] = {"niceness", "policy",    "processors",  "io priority",
                                    "limit",    "oom score", "core filter", "lock file"};

RuntimeOptions options_of(const std::string& strategy, const std::string& refill = "before") {
  RuntimeOptions options;
  options.handler = "outside.php";
  options.strategy = strategy;
  options.environment["PHORK_REFILL"] = refill;
  return options;
}

bool is_possible(const std::string& change) {
  return change != "processors" || std::thread::hardware_concurrency() > 1;
}

std::string event_of(const std::string& change, const std::string& to, pid_t end = 0) {
  return R"({"change":")" + change + R"(","to":)" + to + R"(,"end":)" + std::to_string(end) + "}";
}

void check_same(Runtime& runtime, const std::string& before) {
  for (int event = 0; event < 4; ++event) CHECK(answer_of(runtime).text("values") == before);
}

}  // namespace

TEST_SUITE("inheritance") {
  TEST_CASE("no event inherits what an earlier one has changed in the zygote") {
    for (const std::string& strategy : testing::forking_strategies()) {
      Runtime runtime(options_of(strategy));
      const std::string before = answer_of(runtime).text("values");
      for (const std::string change : kChanges) {
        if (!is_possible(change)) continue;
        CAPTURE(strategy);
        CAPTURE(change);
        answer_of(runtime, event_of(change, R"("parent")"));
        if (strategy == "rollback") {
          // Its zygote forks only when a worker has ended.
          CHECK_FALSE(runtime.invoke(event_of("", "0", -1)).answered());
        }
        check_same(runtime, before);
        REQUIRE(eventually([&] { return runtime.idle(); }));
      }
    }
  }

  TEST_CASE("no event inherits what an earlier one has changed in bootstrap") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm" || strategy == "inprocess") continue;
      Runtime runtime(options_of(strategy));
      const std::string before = answer_of(runtime).text("values");
      for (const std::string change : kChanges) {
        if (!is_possible(change)) continue;
        CAPTURE(strategy);
        CAPTURE(change);
        const pid_t zygote = static_cast<pid_t>(answer_of(runtime).integer("parent"));
        answer_of(runtime, event_of(change, std::to_string(runtime.pid()),
                                    zygote == runtime.pid() ? 0 : zygote));
        check_same(runtime, before);
      }
    }
  }

  TEST_CASE("bootstrap ends when it cannot change back what workers would inherit") {
    for (const std::string strategy : {"fork", "exec", "prespawn"}) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy));
      const pid_t parent = static_cast<pid_t>(answer_of(runtime).integer("parent"));
      answer_of(runtime, event_of("hard limit", std::to_string(runtime.pid()),
                                  parent == runtime.pid() ? 0 : parent));
      CHECK(runtime.process().wait_exit().code != 0);
      CHECK(runtime.output().find("resource limits, which cannot be changed back") !=
            std::string::npos);
    }
  }

  TEST_CASE("a waiting worker that an event has changed gets no event") {
    for (const std::string strategy : {"fork", "prespawn"}) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "during"));
      const std::string before = answer_of(runtime).text("values");
      for (int time = 0; time < 3; ++time) {
        REQUIRE(eventually([&] { return runtime.idle(); }));
        for (const pid_t pid : testing::descendant_pids(runtime.pid())) {
          if (!testing::descendant_pids(pid).empty()) continue;
          answer_of(runtime, event_of("niceness", std::to_string(pid)));
          break;
        }
      }
      check_same(runtime, before);
    }
  }
}
