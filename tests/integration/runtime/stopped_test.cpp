// SPDX-License-Identifier: MIT
//
// Events that stop or kill the processes which later events depend on
// (tests/fixtures/handlers/signals.php), and a zygote that hangs.
#include <csignal>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/concurrent_api.h"
#include "tests/support/processes.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/traced_process.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::ConcurrentApi;
using testing::eventually;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::TracedProcess;

RuntimeOptions options_of(const std::string& strategy, const std::string& refill) {
  RuntimeOptions options;
  options.handler = "signals.php";
  options.strategy = strategy;
  options.environment["PHORK_REFILL"] = refill;
  return options;
}

std::string event_of(const std::string& to, int signal) {
  return R"({"to":")" + to + R"(","signal":)" + std::to_string(signal) + "}";
}

void check_serves(Runtime& runtime) {
  for (int event = 0; event < 3; ++event) answer_of(runtime);
}

// The child of bootstrap: its zygote, or php-fpm's master.
pid_t child_of(pid_t bootstrap) {
  const auto below = testing::descendant_pids(bootstrap);
  return below.empty() ? 0 : below.front();
}

}  // namespace

TEST_SUITE("stopped") {
  TEST_CASE("a zygote or master that an event has stopped costs no later event") {
    for (const std::string& strategy : testing::all_strategies()) {
      const bool is_forking = strategy == "fork" || strategy == "rollback";
      if (!is_forking && strategy != "fpm") continue;
      for (const std::string refill : {"before", "during"}) {
        if (strategy != "fork" && refill == "during") continue;
        CAPTURE(strategy);
        CAPTURE(refill);
        Runtime runtime(options_of(strategy, refill));
        CHECK(answer_of(runtime, event_of("parent", SIGSTOP)).integer("sent") == 1);
        check_serves(runtime);
        answer_of(runtime, event_of("parent", SIGSTOP));
        // Now the worker has to be replaced, too.
        CHECK_FALSE(runtime.invoke(event_of("itself", SIGKILL)).answered());
        check_serves(runtime);
      }
    }
  }

  TEST_CASE("a waiting worker that an event has stopped serves the next event") {
    for (const std::string strategy : {"fork", "prespawn"}) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "during"));
      for (int time = 0; time < 3; ++time) {
        // The zygote, and two workers in turns.
        runtime.settled(strategy == "fork" ? 3 : 2);
        const testing::Json sent = answer_of(runtime, event_of("others", SIGSTOP));
        CHECK(sent.integer("sent") >= 1);
      }
      check_serves(runtime);
    }
  }

  TEST_CASE("a zygote that hangs is replaced when the deadline of its last event has passed") {
    RuntimeOptions options = options_of("fork", "before");
    options.timeout = std::chrono::milliseconds(1'500);
    Runtime runtime(options);
    REQUIRE(eventually([&] { return runtime.idle(); }));
    // Nothing that a signal ends.
    TracedProcess zygote(child_of(runtime.pid()));
    answer_of(runtime);
    CHECK(eventually([&] {
      zygote.poll();
      return zygote.has_ended() && runtime.idle();
    }));
    CHECK(runtime.output().find("has not done its part") != std::string::npos);
    check_serves(runtime);
  }

  TEST_CASE("a zygote that dies while slots open is replaced") {
    constexpr int kSlots = 16;
    for (int time = 0; time < 4; ++time) {
      ConcurrentApi api;
      testing::Program process(
          testing::program("bootstrap"), {"--strategy=fork"},
          {{"AWS_LAMBDA_RUNTIME_API", api.address()},
           {"AWS_LAMBDA_MAX_CONCURRENCY", std::to_string(kSlots)},
           {"AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances"},
           {"_HANDLER", "signals.php"},
           {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
      REQUIRE(eventually([&] { return api.parked() > time; }));
      ::kill(child_of(process.pid()), SIGKILL);
      CHECK_MESSAGE(eventually([&] { return api.parked() == kSlots; }), process.output());
    }
  }

  TEST_CASE("php-fpm's master is replaced although its successors are killed, too") {
    Runtime runtime(options_of("fpm", "before"));
    answer_of(runtime);
    pid_t last = 0;
    int kills = 0;
    std::jthread killer([&](const std::stop_token& stop) {
      while (kills < 3 && !stop.stop_requested()) {
        const pid_t master = child_of(runtime.pid());
        if (master == 0 || master == last) continue;
        ::kill(master, SIGKILL);
        last = master;
        ++kills;
      }
    });
    const auto result = runtime.invoke("{}");
    CHECK_MESSAGE(eventually([&] {
                    runtime.invoke("{}");
                    return kills == 3;
                  }),
                  result.body);
    killer.join();
    check_serves(runtime);
  }
}
