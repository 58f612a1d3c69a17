// SPDX-License-Identifier: MIT
//
// PHORK_WARMUP and its budget, and the classes that a script's rehearsal brings into the zygote.
// Real bootstrap, real PHP.
#include <map>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

RuntimeOptions options_of(const std::string& handler, const std::string& strategy,
                          std::map<std::string, std::string> environment) {
  RuntimeOptions options;
  options.handler = handler;
  options.strategy = strategy;
  options.environment = std::move(environment);
  return options;
}

Json ask(Runtime& runtime, const std::string& target) {
  const auto result = runtime.invoke(testing::http_event(target));
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(testing::http_reply(result).body);
}

}  // namespace

TEST_SUITE("rehearsal") {
  TEST_CASE(
      "a rehearsal that hangs is interrupted at the end of the budget; the application boots "
      "again") {
    const ScratchFolder scratch;
    const std::string hangs = scratch.write("hangs.json", R"({"hang":true})");
    const std::string ends = testing::source_path("tests/fixtures/events/empty.json");
    for (const std::string strategy : {"fork", "prespawn", "inprocess"}) {
      CAPTURE(strategy);
      Runtime runtime(options_of("learning_hang.php", strategy,
                                 {{"PHORK_WARMUP", ends + ";" + hangs + ";" + ends + ";" + ends},
                                  {"PHORK_WARMUP_BUDGET_MS", "300"}}));
      const auto result = runtime.invoke("{}");
      REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
      const Json answer(result.body);
      CHECK(answer.integer("served") == 1);
      CHECK_FALSE(answer.boolean("halfWay"));
      const std::string output = runtime.output_when_idle();
      CHECK(contains(output,
                     "hangs.json': interrupted: PHORK_WARMUP_BUDGET_MS=300 is used up, "
                     "2 more skipped"));
      CHECK(contains(output, "learning_hang.php:"));
    }
  }

  TEST_CASE("a budget of 0 has no end, and a sufficient budget is not logged") {
    const std::string event = testing::source_path("tests/fixtures/events/empty.json");
    for (const std::string budget : {"0", "60000"}) {
      CAPTURE(budget);
      Runtime runtime(
          options_of("learning_hang.php", "fork",
                     {{"PHORK_WARMUP", event + ";" + event}, {"PHORK_WARMUP_BUDGET_MS", budget}}));
      CHECK(Json(runtime.invoke("{}").body).integer("served") == 3);
      CHECK_FALSE(contains(runtime.output_when_idle(), "PHORK_WARMUP_BUDGET_MS"));
    }
  }

  TEST_CASE(
      "a script's rehearsal that hangs is interrupted, or killed when its shutdown hangs, too") {
    for (const std::string strategy : {"fork", "prespawn", "inprocess"}) {
      for (const std::string hang : {"script", "end"}) {
        CAPTURE(strategy);
        CAPTURE(hang);
        Runtime runtime(options_of("learning_script.php", strategy,
                                   {{"PHORK_WARMUP", "GET /?hang=" + hang + "; GET /; GET /"},
                                    {"PHORK_WARMUP_BUDGET_MS", "200"}}));
        CHECK(ask(runtime, "/?use=Counter").integer("used.Counter") == 12);
        CHECK(contains(runtime.output_when_idle(),
                       "hang=" + hang +
                           "': interrupted: PHORK_WARMUP_BUDGET_MS=200 is used up, "
                           "2 more skipped"));
      }
    }
  }

  TEST_CASE(
      "a script's rehearsal brings classes into the zygote; the script stays the first file") {
    const ScratchFolder scratch;
    scratch.write("on/opcache.ini", "opcache.enable=1\n");
    scratch.write("off/opcache.ini", "opcache.enable=0\n");
    const std::pair<std::string, std::string> ways[] = {
        {"fork", "on"}, {"fork", "off"}, {"prespawn", "on"}, {"inprocess", "on"}};
    for (const auto& way : ways) {
      const auto& strategy = way.first;
      const auto& ini = way.second;
      CAPTURE(strategy);
      CAPTURE(ini);
      const bool forks = strategy == "fork";
      Runtime runtime(
          options_of("learning_script.php", strategy,
                     {{"PHORK_WARMUP", "GET /?use=Counter,Derived,SideEffect&value=rehearsed"},
                      {"PHP_INI_SCAN_DIR", testing::scan_also(scratch.file(ini))}}));
      for (const std::string value : {"one", "two", "three"}) {
        const Json answer = ask(runtime, "/?use=Counter,Derived&value=" + value);
        CHECK(answer.boolean("there.Counter") == forks);
        CHECK(answer.boolean("there.Derived") == forks);
        CHECK_FALSE(answer.boolean("there.SideEffect"));
        CHECK(answer.integer("used.Counter") == 12);
        CHECK(answer.text("used.Derived") == value + " " + value + "! " + value + "!?");
        CHECK(answer.text("first") ==
              testing::source_path("tests/fixtures/handlers/learning_script.php"));
      }
      CHECK_FALSE(contains(runtime.output_when_idle(), "PHP "));
    }
  }

  TEST_CASE("a script's events teach nothing, because each registers the autoloader itself") {
    Runtime runtime(options_of("learning_script.php", "fork", {{"PHORK_LEARN", "on"}}));
    for (int event = 0; event < 4; ++event) {
      CHECK_FALSE(ask(runtime, "/?use=Counter").boolean("there.Counter"));
    }
  }

  TEST_CASE("with PHORK_LEARN=off a script's rehearsal hands nothing over") {
    Runtime runtime(options_of("learning_script.php", "fork",
                               {{"PHORK_LEARN", "off"}, {"PHORK_WARMUP", "GET /?use=Counter"}}));
    CHECK_FALSE(ask(runtime, "/").boolean("there.Counter"));
  }
}
