// SPDX-License-Identifier: MIT
//
// A zygote's memory, laid out for forking (php-worker/sapi/memory/zygote_memory.h), as an event
// sees it; and events that are served where the layout is not possible.
#include <regex>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

RuntimeOptions options_for(const std::string& strategy) {
  RuntimeOptions options;
  options.handler = "zygote_memory.php";
  options.strategy = strategy;
  options.environment["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG";  // for the line of the seal
  return options;
}

// The number of mappings of libphp's code and constants.
int code_mappings(const Json& answer) {
  const std::string maps = answer.raw("maps");
  const std::regex code(R"(r-[-x]p [0-9a-f]+ [0-9a-f:]+ \d+ +[^"]*libphp)");
  return static_cast<int>(
      std::distance(std::sregex_iterator(maps.begin(), maps.end(), code), std::sregex_iterator()));
}

}  // namespace

TEST_SUITE("zygote memory") {
  TEST_CASE("code and constants of a library are one mapping") {
    Runtime alone(options_for("exec"));
    Runtime forked(options_for("fork"));
    // The linker makes three, and a fourth of the part that it protects after relocation.
    CHECK(code_mappings(answer_of(alone)) == 4);
    CHECK(code_mappings(answer_of(forked)) == 2);
  }

  TEST_CASE("opcache's memory is on huge pages where the kernel can do that") {
    const std::regex gathered("opcache ([0-9]+) MB on huge pages");
    for (const char* strategy : {"fork", "rollback"}) {
      if (testing::kAddressSanitizer && std::string(strategy) == "rollback") continue;
      INFO("strategy " << strategy);
      RuntimeOptions options = options_for(strategy);
      options.environment["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG";
      Runtime runtime(options);
      answer_of(runtime);
      std::string said;
      std::smatch megabytes;
      // A zygote does it beside its first children.
      REQUIRE(testing::eventually([&] {
        said = runtime.output();
        return std::regex_search(said, megabytes, gathered);
      }));
      const bool is_huge = megabytes[1] != "0";
      CHECK(testing::eventually(
          [&] { return (answer_of(runtime).integer("shared_huge_kb") > 0) == is_huge; }));
    }
  }

  TEST_CASE("an event's memory is not in the space that the boot left free") {
    Runtime runtime(options_for("fork"));
    CHECK(answer_of(runtime).integer("kept") == 20'000);
    CHECK(runtime.output().find("events' heap apart") != std::string::npos);
  }

  TEST_CASE(
      "where memory_limit leaves little room, events may use the space that the boot left free") {
    const testing::ScratchFolder folder;
    folder.write("limit.ini", "memory_limit=16M\n");
    RuntimeOptions options = options_for("fork");
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.path());
    Runtime runtime(options);
    CHECK(answer_of(runtime).integer("kept") == 20'000);
    CHECK(runtime.output().find("events' heap shared") != std::string::npos);
  }

  TEST_CASE("a limit on the size of files does not stop the zygote") {
    RuntimeOptions options = options_for("fork");
    options.prelude = "ulimit -f 100";
    Runtime runtime(options);
    CHECK(answer_of(runtime).integer("kept") == 20'000);
  }
}
