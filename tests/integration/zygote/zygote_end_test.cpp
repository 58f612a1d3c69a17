// SPDX-License-Identifier: MIT
//
// The end of a zygote: what its boot registered for PHP's end runs then, and once. Its end before
// its time, and that of everything with it when bootstrap has gone.
#include <csignal>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/processes.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::count;
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

// Boot keeps a secret in a file of its own, and removes it at the end.
constexpr const char* kTidyHandler = R"(<?php
final class KeyFile
{
    public function __construct(public readonly string $path)
    {
        file_put_contents($path, 'secret');
    }

    public function __destruct()
    {
        echo "destroyed\n";
        unlink($this->path);
    }
}
$key = new KeyFile(__DIR__ . '/key.' . getmypid());
$path = __DIR__ . '/other.' . getmypid();
file_put_contents($path, 'secret');
register_shutdown_function(static function () use ($path): void {
    echo "shut down\n";
    unlink($path);
    for (; getenv('ENDLESS');) {
    }
});
return static function (array $event) use ($key, $path): array {
    register_shutdown_function(static fn () => print("of the event\n"));
    return ['ok' => file_get_contents($key->path) . file_get_contents($path) === 'secretsecret'];
};
)";

RuntimeOptions options_of(const ScratchFolder& folder, const std::string& strategy,
                          const char* handler = kHandler) {
  folder.write("handler.php", handler);
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

  TEST_CASE("shutdown functions and destructors of the boot run once, when its process ends") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm" || strategy == "exec") continue;  // boot in each event
      CAPTURE(strategy);
      const ScratchFolder folder;
      Runtime runtime(options_of(folder, strategy, kTidyHandler));
      for (int event = 1; event <= 3; ++event) CHECK(answer_of(runtime).boolean("ok"));
      const std::string log = runtime.output_when_idle();
      CHECK(count(log, "of the event") == 3);
      const bool boots_once = strategy != "prespawn";
      if (boots_once) CHECK_FALSE(contains(log, "shut down"));
      if (boots_once) CHECK_FALSE(contains(log, "destroyed"));
      runtime.process().signal(SIGTERM);
      CHECK(runtime.process().wait_exit().clean());
      const std::size_t boots = boots_once ? 1 : 4;
      CHECK(count(runtime.output(), "shut down") == boots);
      CHECK(count(runtime.output(), "destroyed") == boots);
      CHECK(folder.count_files("") == 1);  // the handler
    }
  }

  TEST_CASE("a zygote that another one replaces ends what it has booted") {
    const ScratchFolder folder;
    RuntimeOptions options = options_of(folder, "fork", kTidyHandler);
    options.environment["PHORK_MAX_EVENTS"] = "1";
    Runtime runtime(options);
    // Its last child waits for an event, too.
    CHECK(eventually([&] {
      CHECK(answer_of(runtime).boolean("ok"));
      return count(runtime.output(), "destroyed") >= 2;
    }));
  }

  TEST_CASE("a shutdown function that does not end cannot keep the environment") {
    const ScratchFolder folder;
    RuntimeOptions options = options_of(folder, "fork", kTidyHandler);
    options.environment["ENDLESS"] = "1";
    Runtime runtime(options);
    CHECK(answer_of(runtime).boolean("ok"));
    runtime.process().signal(SIGTERM);
    CHECK(runtime.process().wait_exit().clean());
    CHECK(count(runtime.output(), "shut down") == 1);
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
