// SPDX-License-Identifier: MIT
//
// Nobody survives its parent: processes of an event end with the event, and all end with bootstrap,
// at whatever moment that is killed. Real bootstrap, real PHP.
#include <algorithm>
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
using testing::lives;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// With a file `hang` in its folder the boot never ends.
constexpr const char* kHandler = R"(<?php
$hang = static function (string $file): never {
    if (function_exists('pcntl_sigprocmask')) {
        pcntl_sigprocmask(SIG_BLOCK, range(1, 31));
        pcntl_sigprocmask(SIG_BLOCK, range(34, 64));
    }
    file_put_contents(__DIR__ . "/$file", getmypid());
    while (true) {
    }
};
// Each process of the chain leaves the session of the one before, which ends at once.
$chain = static function (): void {
    if (pcntl_fork() !== 0) {
        return;
    }
    for ($forked = 0; $forked >= 0; $forked = pcntl_fork()) {
        if ($forked !== 0) {
            posix_kill(getmypid(), SIGKILL);
        }
        posix_setsid();
        file_put_contents(__DIR__ . '/beat', 'x', FILE_APPEND);
    }
};
if (is_file(__DIR__ . '/hang')) {
    $hang('boots');
}
return static function (array $event) use ($hang, $chain): array {
    match ($event['do'] ?? '') {
        'hang' => $hang('hangs'),
        'chain' => $chain(),
        'chain of programs' => exec('setsid sh ' . __DIR__ . '/chain.sh >/dev/null 2>&1 &'),
        'daemon' => exec('setsid sleep 31416 >/dev/null 2>&1 & echo $! >' . __DIR__ . '/daemon'),
        default => null,
    };
    if (isset($event['then'])) {
        $hang('hangs');
    }
    return ['ok' => true];
};
)";

constexpr const char* kChain = "echo x >>${0%/*}/beat\nsetsid sh $0 &\n";

RuntimeOptions options_of(const ScratchFolder& folder, const std::string& strategy) {
  folder.write("handler.php", kHandler);
  folder.write("chain.sh", kChain);
  RuntimeOptions options;
  options.handler = "handler.php";
  options.task_root = folder.path();
  options.strategy = strategy;
  return options;
}

pid_t pid_in(const ScratchFolder& folder, const std::string& file) {
  REQUIRE(eventually([&] { return !folder.read(file).empty(); }));
  return static_cast<pid_t>(std::stoi(folder.read(file)));
}

// Kills bootstrap; all that was below it ends.
void kill_bootstrap(Runtime& runtime) {
  const std::vector<pid_t> below = testing::descendant_pids(runtime.pid());
  CHECK_FALSE(below.empty());
  ::kill(runtime.pid(), SIGKILL);
  for (const pid_t pid : below) {
    CAPTURE(pid);
    CHECK(eventually([&] { return !lives(pid); }));
  }
}

bool has_zygote(const std::string& strategy) {
  return strategy == "fork" || strategy == "rollback";
}

}  // namespace

TEST_SUITE("survivors: bootstrap is killed") {
  TEST_CASE("during a boot that does not end") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder folder;
      const RuntimeOptions options = options_of(folder, strategy);
      folder.write("hang", "");
      Runtime runtime(options);
      if (strategy == "exec") runtime.submit("{}");
      pid_in(folder, "boots");
      kill_bootstrap(runtime);
    }
  }

  TEST_CASE("during an event that blocks all signals and does not end") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder folder;
      Runtime runtime(options_of(folder, strategy));
      runtime.submit(R"({"do":"hang"})");
      pid_in(folder, "hangs");
      kill_bootstrap(runtime);
    }
  }

  TEST_CASE("and its zygote was stopped, or killed before") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (!has_zygote(strategy)) continue;
      CAPTURE(strategy);
      for (const int number : {SIGSTOP, SIGKILL}) {
        const ScratchFolder folder;
        Runtime runtime(options_of(folder, strategy));
        const pid_t zygote = runtime.settled().front();
        ::kill(zygote, number);
        kill_bootstrap(runtime);
      }
    }
  }

  TEST_CASE("the zygote ends the background programs, too") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (!has_zygote(strategy)) continue;
      CAPTURE(strategy);
      const ScratchFolder folder;
      Runtime runtime(options_of(folder, strategy));
      runtime.submit(R"({"do":"daemon","then":"hang"})");
      pid_in(folder, "hangs");
      const pid_t daemon = pid_in(folder, "daemon");
      CHECK(lives(daemon));
      kill_bootstrap(runtime);
      CHECK(eventually([&] { return !lives(daemon); }));
    }
  }
}

TEST_SUITE("survivors: the event ends") {
  TEST_CASE("a chain of forks ends with it") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (!testing::isolates(strategy)) continue;
      CAPTURE(strategy);
      const ScratchFolder folder;
      Runtime runtime(options_of(folder, strategy));
      for (const std::string chain : {"chain", "chain of programs"}) {
        // Debian's php-fpm has no pcntl.
        if (strategy == "fpm" && chain == "chain") continue;
        CAPTURE(chain);
        answer_of(runtime, R"({"do":")" + chain + "\"}");
        runtime.settled(testing::idle_processes(strategy));
        const std::string beats = folder.read("beat");
        answer_of(runtime);
        CHECK(folder.read("beat") == beats);
      }
    }
  }
}
