// SPDX-License-Identifier: MIT
//
// How worker scripts of FrankenPHP end: by themselves, or because nothing else is left to do.
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/http_event.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// A deployment of one file.
RuntimeOptions options_of(const ScratchFolder& scratch, const std::string& strategy,
                          const std::string& text) {
  scratch.write("worker.php", text);
  RuntimeOptions options;
  options.task_root = scratch.path();
  options.handler = "worker.php";
  options.strategy = strategy;
  return options;
}

emulator::HttpReply ask(Runtime& runtime, const std::string& target) {
  const auto result = runtime.invoke(testing::http_event({"GET", target, {}, {}}));
  REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
  return testing::http_reply(result);
}

// The whole log of a runtime that is told to end.
std::string log_to_the_end(Runtime& runtime) {
  runtime.output_when_idle();
  runtime.process().signal(SIGTERM);
  CHECK(runtime.process().wait_exit().code == 0);
  return runtime.output();
}

}  // namespace

TEST_SUITE("frankenphp: ends") {
  TEST_CASE("a loop that takes no notice of false is ended, with its answer and a line") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      Runtime runtime(options_of(scratch, strategy,
                                 "<?php while (true) { try { frankenphp_handle_request(fn () =>"
                                 " print('answer')); } catch (Throwable) {} }"));
      CHECK(ask(runtime, "/").body == "answer");
      CHECK(ask(runtime, "/").body == "answer");
      const std::string log = log_to_the_end(runtime);
      CHECK_MESSAGE(contains(log, "to end its loop when it gets false, got another call"), log);
      CHECK_FALSE(contains(log, "deadline"));
    }
  }

  TEST_CASE("inprocess: a fatal error in the callable answers, and onShutdown runs") {
    const ScratchFolder scratch;
    Runtime runtime(
        options_of(scratch, "inprocess",
                   "<?php ini_set('memory_limit', '32M');"
                   "Phork\\onShutdown(fn () => error_log('worker: shut down'));"
                   "while (frankenphp_handle_request(function () {"
                   "  isset($_GET['most']) ? str_repeat('x', 1 << 26) : print('answer'); })) {}"));
    CHECK(ask(runtime, "/").body == "answer");
    CHECK(ask(runtime, "/?most").status == 500);
    CHECK(ask(runtime, "/").body == "answer");
    const std::string log = log_to_the_end(runtime);
    CHECK_MESSAGE(testing::count(log, "worker: shut down") == 2, log);
    CHECK_MESSAGE(testing::count(log, "Fatal error") == 1, log);
  }
}
