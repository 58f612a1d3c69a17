// SPDX-License-Identifier: MIT
//
// The end of a zygote before its time, and of everything with it when bootstrap has gone.
#include <csignal>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/processes.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::eventually;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// An event kills its zygote, and with "boots" in the event as many of its successors while they
// boot.
constexpr const char* kHandler = R"(<?php
$left = (int) @file_get_contents(__DIR__ . '/left');
if ($left > 0) {
    file_put_contents(__DIR__ . '/left', $left - 1);
    posix_kill(getmypid(), SIGKILL);
}
return function (array $event): array {
    if (isset($event['boots'])) {
        file_put_contents(__DIR__ . '/left', $event['boots']);
        posix_kill(posix_getppid(), SIGKILL);
    }
    return ['ok' => true];
};
)";

RuntimeOptions options_of(const ScratchFolder& folder, const std::string& strategy) {
  folder.write("handler.php", kHandler);
  RuntimeOptions options;
  options.handler = "handler.php";
  options.task_root = folder.path();
  options.strategy = strategy;
  return options;
}

}  // namespace

TEST_SUITE("zygote's end") {
  TEST_CASE("a zygote is replaced although its successors are killed while they boot") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy != "fork" && strategy != "rollback") continue;
      CAPTURE(strategy);
      const ScratchFolder folder;
      Runtime runtime(options_of(folder, strategy));
      for (const char* event : {R"({"boots":0})", R"({"boots":2})"}) {
        CHECK(answer_of(runtime, event).boolean("ok"));
        // The last zygote may have left two children, whose parent is bootstrap now.
        for (int next = 0; next < 3; ++next) CHECK(answer_of(runtime).boolean("ok"));
      }
      CHECK(eventually([&] { return folder.read("left") == "0"; }));
      CHECK(answer_of(runtime).boolean("ok"));
    }
  }

  TEST_CASE("bootstrap ends when each of a zygote's successors is killed") {
    const ScratchFolder folder;
    Runtime runtime(options_of(folder, "fork"));
    CHECK(answer_of(runtime, R"({"boots":9})").boolean("ok"));
    CHECK(runtime.process().wait_exit().code != 0);
    CHECK(runtime.output().find("Runtime.BootFailed") != std::string::npos);
    CHECK(folder.read("left") == "6");
  }

  TEST_CASE("nothing lives on when bootstrap is killed, alone or after its child") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;
      for (const bool alone : {true, false}) {
        CAPTURE(strategy);
        CAPTURE(alone);
        const ScratchFolder folder;
        RuntimeOptions options = options_of(folder, strategy);
        options.environment["PHORK_REFILL"] = "during";
        Runtime runtime(options);
        CHECK(answer_of(runtime).boolean("ok"));
        const std::vector<pid_t> below = testing::descendant_pids(runtime.pid());
        if (!alone && !below.empty()) ::kill(below.front(), SIGKILL);
        ::kill(runtime.pid(), SIGKILL);
        for (const pid_t pid : below) {
          CHECK(eventually([&] { return !testing::lives(pid); }));
        }
      }
    }
  }
}
