// SPDX-License-Identifier: MIT
//
// bootstrap on a platform with faults, and the faults of `phork serve --fault`. The rule: a broken
// platform ends the runtime at once, and one lost event costs only that event.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/runtime_harness.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
using testing::contains;
using testing::count;

using testing::Runtime;
using testing::RuntimeOptions;
using testing::Served;

// `phork serve` with one environment, so that the faults come in a known order.
std::vector<std::string> flags_for(const std::vector<std::string>& faults,
                                   const std::string& strategy,
                                   const std::vector<std::string>& more) {
  std::vector<std::string> flags{"--handler",   "kernel.php",    "--strategy", strategy,
                                 "--no-reload", "--concurrency", "1"};
  flags.insert(flags.end(), more.begin(), more.end());
  for (const std::string& fault : faults) flags.insert(flags.end(), {"--fault", fault});
  return flags;
}

struct Faulty : Served {
  explicit Faulty(const std::vector<std::string>& faults, const std::string& strategy = "fork",
                  const std::vector<std::string>& more = {})
      : Served(testing::source_path("tests/fixtures/handlers"), flags_for(faults, strategy, more)) {
  }

  // The status of a request.
  int call(const std::string& target = "/status?code=201") const {
    testing::HttpCall made;
    made.target = target;
    return Served::call(made).status;
  }
};

RuntimeOptions with_fault(const std::string& fault, const std::string& strategy = "fork",
                          const std::string& handler = "echo.php") {
  RuntimeOptions options;
  options.faults = {fault};
  options.strategy = strategy;
  options.handler = handler;
  options.timeout = 20s;
  return options;
}

// The number of `next` calls, of which the first succeeded and every later one failed.
std::size_t nexts(Runtime& runtime) {
  return 1 + count(runtime.fault_log(), "injected at next");
}

void check_failed_exit(const process::ExitStatus& status) {
  CHECK(status.kind == process::ExitStatus::Kind::kExited);
  CHECK(status.code != 0);
}

}  // namespace

TEST_SUITE("faults of the platform") {
  TEST_CASE("403 and 500 for next end bootstrap without another try, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const std::string fault : {"next:403@2", "next:500@2"}) {
        CAPTURE(strategy);
        CAPTURE(fault);
        Runtime runtime(with_fault(fault, strategy));
        CHECK(runtime.invoke("{}").answered());
        CHECK(testing::eventually(
            [&] { return contains(runtime.fault_log(), "injected at next 2"); }));
        const auto refused = emulator::Clock::now();
        check_failed_exit(runtime.process().wait_exit());
        CHECK(emulator::Clock::now() - refused < 5s);
        CHECK(contains(runtime.output(), "lambda: next '127.0.0.1:"));
        CHECK(nexts(runtime) == 2);
      }
    }
  }

  TEST_CASE("an API that drops every next ends bootstrap after a few tries") {
    Runtime runtime(with_fault("next:drop@2+"));
    CHECK(runtime.invoke("{}").answered());
    check_failed_exit(runtime.process().wait_exit());
    CHECK(nexts(runtime) < 10);
  }

  TEST_CASE("a refused init error ends bootstrap as well") {
    for (const std::string fault : {"init-error:403", "init-error:500", "init-error:drop"}) {
      CAPTURE(fault);
      Runtime runtime(with_fault(fault, "fork", "syntax_error.php"));
      check_failed_exit(runtime.process().wait_exit());
    }
  }

  TEST_CASE("a connection that ends while bootstrap waits costs no event") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const std::string fault : {"next:drop@2", "next:reset@2"}) {
        CAPTURE(strategy);
        CAPTURE(fault);
        Faulty served({fault}, strategy);
        CHECK(served.call() == 201);
        CHECK(served.logs("injected at next 2"));
        CHECK(served.call() == 201);
      }
    }
  }

  TEST_CASE("a post that comes too late is logged, and the next event is served") {
    for (const std::string fault : {"response:410", "response:400"}) {
      CAPTURE(fault);
      Faulty served({fault});
      CHECK(served.call() != 201);
      CHECK(served.call() == 201);
      CHECK(served.logs("fault: " + fault + " injected at response 1"));
      CHECK_MESSAGE(served.logs("Status: timeout"), served.log());
    }
  }

  TEST_CASE("a 413 costs its event, and the same process serves on") {
    Faulty served({"response:413@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK(contains(served.log(), "Function.ResponseSizeTooLarge"));
    CHECK_FALSE(contains(served.log(), "Runtime exited"));
  }

  TEST_CASE("a 500 to a response ends bootstrap, and the event with it") {
    Faulty served({"response:500"});
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK_MESSAGE(served.logs("Runtime.ExitError"), served.log());
  }

  TEST_CASE("a lost reply to an answer costs no event") {
    Faulty served({"response:drop@2"});
    for (int event = 0; event < 4; ++event) CHECK(served.call() == 201);
    CHECK(contains(served.log(), "fault: response:drop@2 injected at response 2"));
  }

  TEST_CASE("a connection that is reset in the middle of a response costs that event") {
    Faulty served({"response:reset@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
  }

  TEST_CASE("a runtime that was frozen before it got an event serves it in time") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Faulty served({"next:freeze=300ms@2"}, strategy, {"--timeout", "5"});
      CHECK(served.call() == 201);
      CHECK(served.call() == 201);
      CHECK(contains(served.log(), "injected at next 2"));
      CHECK_FALSE(contains(served.log(), "Status: "));
    }
  }

  TEST_CASE("a freeze during an event costs only the time that it lasts") {
    Faulty served({"event:freeze=200ms@2"}, "fork", {"--timeout", "20"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 201);
    CHECK(served.call() == 201);
    CHECK_FALSE(contains(served.log(), "Status: "));
  }

  TEST_CASE("a kill during an event costs that event, and the next one gets a new process") {
    Faulty served({"event:kill@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK_MESSAGE(served.logs("Runtime exited with error: signal: killed"), served.log());
  }

  TEST_CASE("an event whose time is over at once is killed as Lambda does it") {
    Faulty served({"event:timeout@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() >= 500);
    CHECK(served.logs("Status: timeout"));
    CHECK(served.call() == 201);
  }

  TEST_CASE("an event with little time is interrupted by bootstrap before Lambda does it") {
    Faulty served({"event:timeout=1500ms"}, "fork", {"--timeout", "60"});
    CHECK(served.call("/sleep?ms=30000") == 504);
    CHECK(served.call() == 201);
    CHECK_FALSE(contains(served.log(), "Status: timeout"));
  }

  TEST_CASE("an unknown fault is refused with the list of known ones, before anything starts") {
    const testing::Finished run = testing::run_program(
        testing::program("phork"), {"serve", "--fault", "next:404", "--port", "0"}, {});
    CHECK(run.status.code == 100);
    CHECK_MESSAGE(contains(run.output,
                           "fault: read 'next:404': expected one of 403, 500, drop, reset, "
                           "delay=DURATION, freeze[=DURATION] at position 6, not '404'"),
                  run.output);
  }

  TEST_CASE("invoke takes faults too") {
    const testing::Finished run =
        testing::run_program(testing::program("phork"),
                             {"invoke", testing::source_path("tests/fixtures/handlers"),
                              "--handler", "echo.php", "--fault", "event:kill"},
                             {});
    CHECK(run.status.code == 1);
    CHECK_MESSAGE(contains(run.output, "Runtime.ExitError"), run.output);
    CHECK(contains(run.output, "fault: event:kill injected at event 1"));
  }
}
