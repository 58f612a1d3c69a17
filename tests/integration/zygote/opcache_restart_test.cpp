// SPDX-License-Identifier: MIT
//
// opcache restarts its cache when code asks for it or the cache is full. Under every strategy later
// events are served, and cached again.
#include <ctime>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/eventually.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// The answer of Point::probe().
constexpr const char* kPoint = "8S";

RuntimeOptions options_with(const std::string& strategy, const ScratchFolder& folder,
                            const std::string& ini) {
  folder.write("ini/opcache.ini", "opcache.revalidate_freq=0\n" + ini);
  RuntimeOptions options;
  options.handler = "opcache_restart.php";
  options.strategy = strategy;
  options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.file("ini"));
  return options;
}

// Sends events, each of which has to be right, until one is cached.
void check_caches_again(Runtime& runtime) {
  CHECK_MESSAGE(testing::eventually([&runtime] {
                  const Json answer = answer_of(runtime);
                  CHECK(answer.text("point") == kPoint);
                  return answer.boolean("enabled") && !answer.boolean("waits");
                }),
                runtime.output());
}

// Some 100 KB of opcache's memory. opcache does not cache a file in its first two seconds, and
// compiles it again when its time has changed.
std::string write_version(const ScratchFolder& folder, int version) {
  std::string code = "<?php\n";
  for (int i = 0; i < 100; ++i) {
    code += "if (false) { function f" + std::to_string(i) +
            "(array $a, int $b) { foreach ($a as $k => $v) { if ($v > $b) { return [$k => \"f" +
            std::to_string(i) + " $v\"]; } } return null; } }\n";
  }
  std::string file =
      folder.write("changing.php", code + "return " + std::to_string(version) + ";\n");
  const timespec time{::time(nullptr) - 10'000 + version, 0};
  const timespec times[] = {time, time};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
  return file;
}

}  // namespace

TEST_SUITE("opcache restart") {
  TEST_CASE("after opcache_reset() in an event, later events are right and cached again") {
    for (const std::string& strategy : testing::all_strategies()) {
      INFO("strategy " << strategy);
      const ScratchFolder folder;
      Runtime runtime(options_with(strategy, folder, ""));
      CHECK(answer_of(runtime).text("point") == kPoint);
      for (int round = 0; round < 2; ++round) {
        const Json reset = answer_of(runtime, R"({"reset":true})");
        CHECK(reset.boolean("reset"));
        CHECK(reset.boolean("waits"));
        check_caches_again(runtime);
      }
    }
  }

  TEST_CASE("when changed files have filled the cache, later events are right and cached again") {
    for (const std::string& strategy : testing::all_strategies()) {
      // There each event has a cache of its own.
      if (strategy == "exec" || strategy == "prespawn") continue;
      INFO("strategy " << strategy);
      const ScratchFolder folder;
      Runtime runtime(options_with(
          strategy, folder, "opcache.memory_consumption=8\nopcache.interned_strings_buffer=1\n"));
      bool waited = false;
      for (int version = 1; version <= 200 && !waited; ++version) {
        const Json answer =
            answer_of(runtime, R"({"include":")" + write_version(folder, version) + R"("})");
        CHECK(answer.integer("included") == version);
        CHECK(answer.text("point") == kPoint);
        waited = answer.boolean("waits");
      }
      CHECK(waited);
      check_caches_again(runtime);
    }
  }

  TEST_CASE("scripts that are not allowed to ask opcache, or cannot, cause restarts as well") {
    for (const char* ini :
         {"opcache.restrict_api=/nowhere\n", "disable_functions=opcache_get_status\n"}) {
      CAPTURE(ini);
      for (const char* strategy : {"fork", "inprocess"}) {
        CAPTURE(strategy);
        const ScratchFolder folder;
        RuntimeOptions options = options_with(
            strategy, folder,
            std::string(ini) + "opcache.memory_consumption=8\nopcache.interned_strings_buffer=1\n");
        options.handler = "opcache_silent.php";
        Runtime runtime(options);
        const std::string first = answer_of(runtime).raw("boot");
        int version = 0;
        CHECK(testing::eventually([&] {
          const Json answer =
              answer_of(runtime, R"({"include":")" + write_version(folder, ++version) + R"("})");
          CHECK(answer.integer("included") == version);
          return answer.raw("boot") != first;
        }));
      }
    }
  }

  TEST_CASE("opcache_reset() at boot, or in a rehearsal, leaves the cache on") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // has no boot but an event's
      INFO("strategy " << strategy);
      const ScratchFolder folder;
      RuntimeOptions options = options_with(strategy, folder, "");
      options.environment["RESETS_AT_BOOT"] = "1";
      options.environment["PHORK_WARMUP"] = folder.write("event.json", R"({"reset":true})");
      Runtime runtime(options);
      for (int event = 0; event < 2; ++event) {
        const Json answer = answer_of(runtime);
        CHECK(answer.text("point") == kPoint);
        CHECK(answer.boolean("enabled"));
        CHECK_FALSE(answer.boolean("waits"));
      }
    }
  }
}
