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
#include "tests/support/concurrent_api.h"
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
// All that its zygote and bootstrap have started.
$join = static function (): void {
    $parent = posix_getppid();
    $above = (int) explode(' ', file_get_contents("/proc/$parent/stat"))[3];
    foreach ([$parent, $above] as $pid) {
        foreach (explode(' ', file_get_contents("/proc/$pid/task/$pid/children")) as $child) {
            if ((int) $child !== getmypid() && pcntl_fork() === 0) {
                if (@posix_setpgid(0, (int) $child)) {
                    file_put_contents(__DIR__ . '/joined', $child);
                }
                posix_kill(getmypid(), SIGKILL);
            }
        }
    }
    while (pcntl_wait($status) > 0) {
    }
};
if (is_file(__DIR__ . '/hang')) {
    $hang('boots');
}
return static function (array $event) use ($hang, $chain, $join): array {
    match ($event['do'] ?? '') {
        'hang' => $hang('hangs'),
        'chain' => $chain(),
        'chain of programs' => exec('setsid sh ' . __DIR__ . '/chain.sh >/dev/null 2>&1 &'),
        'join' => $join(),
        'other daemon' =>
            exec('setsid sleep 31416 >/dev/null 2>&1 & echo $! >' . __DIR__ . '/other'),
        'daemon' => exec('setsid sleep 31416 >/dev/null 2>&1 & echo $! >' . __DIR__ . '/daemon'),
        default => null,
    };
    while (isset($event['until']) && !is_file(__DIR__ . "/{$event['until']}")) {
        usleep(2_000);
    }
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
  TEST_CASE("its background program ends, and not before, whatever other slots do") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (!testing::isolates(strategy)) continue;
      CAPTURE(strategy);
      const ScratchFolder folder;
      testing::ConcurrentApi api;
      RuntimeOptions options = options_of(folder, strategy);
      options.environment["AWS_LAMBDA_MAX_CONCURRENCY"] = "2";
      options.environment["AWS_LAMBDA_RUNTIME_API"] = api.address();
      Runtime runtime(options);
      REQUIRE(eventually([&] { return api.parked() == 2; }));
      api.give("long", R"({"do":"daemon","until":"release"})");
      const pid_t daemon = pid_in(folder, "daemon");
      // Each with a program of its own, which ends with it.
      for (const char* const id : {"one", "two", "three"}) {
        api.give(id, R"({"do":"other daemon"})");
        REQUIRE(api.wait_outcomes(api.outcomes().size() + 1));
        REQUIRE(eventually([&] { return api.parked() == 1; }));
        CAPTURE(runtime.output());
        CHECK_FALSE(api.outcomes().contains("long"));
        const pid_t other = pid_in(folder, "other");
        CHECK(eventually([&] { return !lives(other); }));
        folder.remove("other");
        CHECK(lives(daemon));
      }
      folder.write("release", "");
      REQUIRE(api.wait_outcomes(4));
      CHECK(eventually([&] { return !lives(daemon); }));
    }
  }

  TEST_CASE("its process cannot join the group of another event's") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (!has_zygote(strategy)) continue;
      CAPTURE(strategy);
      const ScratchFolder folder;
      RuntimeOptions options = options_of(folder, strategy);
      options.environment["PHORK_REFILL"] = "during";
      Runtime runtime(options);
      runtime.settled(strategy == "fork" ? 3 : 2);
      CHECK(answer_of(runtime, R"({"do":"join"})").boolean("ok"));
      CHECK(folder.read("joined").empty());
    }
  }

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
