// SPDX-License-Identifier: MIT
//
// An event's code runs as the same user as all processes of its environment, without privileges, as
// on Lambda. The event looks into the other processes (tests/fixtures/handlers/intruder.php).
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

RuntimeOptions options_of(const std::string& strategy) {
  RuntimeOptions options;
  options.handler = "intruder.php";
  options.strategy = strategy;
  // Another process is there while an event runs. A program that starts beside it is open for as
  // long as it loads, unless it was installed (meson.build).
  options.environment["PHORK_REFILL"] = strategy == "prespawn" ? "before" : "during";
  options.prelude = "ulimit -c 0; ";
  return options;
}

Json look_around(Runtime& runtime) {
  return answer_of(runtime, R"({"bootstrap":)" + std::to_string(runtime.pid()) + "}");
}

}  // namespace

TEST_SUITE("privacy") {
  TEST_CASE("no event looks into bootstrap, the zygote or a waiting worker") {
    for (const std::string& strategy : testing::all_strategies()) {
      RuntimeOptions options = options_of(strategy);
      if (!testing::drop_privileges(options)) continue;
      CAPTURE(strategy);
      Runtime runtime(options);
      for (int event = 0; event < 3; ++event) {
        const Json seen = look_around(runtime);
        CHECK(seen.integer("looked at") >= 1);
        const std::string opened = seen.text("opened");
        CAPTURE(opened);
        // php-fpm's processes are what php-fpm makes them.
        CHECK((strategy == "fpm" ? opened.find("bootstrap") == std::string::npos : opened.empty()));
        CHECK(seen.boolean("own environment") == (strategy == "fpm"));
      }
    }
  }

  TEST_CASE("a worker is open again when core files were asked for, the others are not") {
    if (testing::kAddressSanitizer) return;  // which sets the limit of core files to 0
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;
      RuntimeOptions options = options_of(strategy);
      options.prelude = "ulimit -Hc 1 || exit; ";
      options.environment["PHORK_CORE_DUMPS"] = "on";
      if (!testing::drop_privileges(options)) continue;
      CAPTURE(strategy);
      options.environment["PHORK_REFILL"] = "before";
      Runtime runtime(options);
      const Json seen = look_around(runtime);
      CHECK(seen.boolean("own environment"));
      const bool is_forked = strategy == "fork" || strategy == "rollback";
      CAPTURE(seen.text("opened"));
      CHECK((!is_forked || seen.text("opened").empty()));
    }
  }

  TEST_CASE("what needs files of /proc that belong to root works without privileges") {
    if (testing::kAddressSanitizer) return;
    RuntimeOptions rollback = options_of("rollback");
    RuntimeOptions fork = options_of("fork");
    if (!testing::drop_privileges(rollback) || !testing::drop_privileges(fork)) return;
    Runtime rolls_back(rollback);
    const std::int64_t first = look_around(rolls_back).integer("pid");
    CHECK(look_around(rolls_back).integer("pid") == first);
    fork.environment["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG";
    Runtime learns(fork);
    CHECK(testing::eventually([&] {
      look_around(learns);
      return learns.output().find("learned pages, now") != std::string::npos;
    }));
  }
}
