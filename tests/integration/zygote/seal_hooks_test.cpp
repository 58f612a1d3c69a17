// SPDX-License-Identifier: MIT
//
// User code at the seal and at the fork: hooks, and destructors of the boot's objects. Real
// bootstrap, real PHP.
#include <csignal>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::count;
using testing::init_error_of;
using testing::Json;
using testing::line_with;
using testing::Runtime;
using testing::RuntimeOptions;
using Environment = std::map<std::string, std::string>;

RuntimeOptions sealed(const std::string& handler, Environment environment) {
  RuntimeOptions options;
  options.handler = handler;
  options.environment = std::move(environment);
  options.environment.emplace("AWS_LAMBDA_LOG_LEVEL", "DEBUG");  // for the line of the seal
  return options;
}

}  // namespace

TEST_SUITE("seal: hooks") {
  TEST_CASE("hooks run in the order in which they were registered") {
    Runtime runtime(sealed("seal_hooks.php", {{"SEAL_HOOKS", "onSeal prints"}}));
    for (int event = 0; event < 2; ++event) {
      CHECK(answer_of(runtime).raw("ran") ==
            R"(["first seal","printed","last seal","first fork","last fork"])");
    }
    CHECK(count(runtime.output(), "said by a hook") == 1);
  }

  TEST_CASE("output of a hook is in the log, and a buffer that it leaves open ends with it") {
    for (const char* on : {"onSeal", "onFork"}) {
      CAPTURE(on);
      Runtime printing(sealed("seal_hooks.php", {{"SEAL_HOOKS", std::string(on) + " prints"}}));
      const auto usual_level = answer_of(printing).integer("level");
      CHECK(contains(printing.output_when_idle(), "said by a hook"));
      Runtime buffering(sealed("seal_hooks.php", {{"SEAL_HOOKS", std::string(on) + " buffers"}}));
      CHECK(answer_of(buffering).integer("level") == usual_level);
      CHECK(contains(buffering.output_when_idle(), "left in a buffer"));
    }
  }

  TEST_CASE("a hook of onSeal that fails in any way fails the boot") {
    const auto error = [](const char* does) {
      return init_error_of(
          sealed("seal_hooks.php", {{"SEAL_HOOKS", std::string("onSeal ") + does}}));
    };
    const std::string thrown = error("throws");
    CHECK(contains(thrown, "DomainException"));
    CHECK(contains(thrown, "a hook of Phork\\\\onSeal ("));
    CHECK(contains(thrown, "seal_hooks.php:16) failed: no database"));
    CHECK(contains(error("exits"), "a hook of Phork\\\\onSeal failed: it called exit(3)"));
    CHECK(contains(error("breaks"), "a hook of Phork\\\\onSeal failed: no way out"));
  }

  TEST_CASE(
      "a hook of onFork that fails in any way fails each event, and the error names the hook") {
    const Environment failures{
        {"throws", "seal_hooks.php:16) failed: no database"},
        {"exits", "a hook of Phork\\\\onFork failed: it called exit(3)"},
        {"breaks", "a hook of Phork\\\\onFork failed: no way out"},
    };
    for (const auto& entry : failures) {
      const std::string& does = entry.first;
      CAPTURE(does);
      Runtime runtime(sealed("seal_hooks.php", {{"SEAL_HOOKS", "onFork " + does}}));
      for (int event = 0; event < 2; ++event) {
        const auto result = runtime.invoke("{}");
        CHECK_FALSE(result.answered());
        CHECK_MESSAGE(contains(result.body, entry.second), result.body);
      }
      CHECK(contains(runtime.output_when_idle(), "Phork\\onFork"));
    }
  }
}

TEST_SUITE("seal: objects") {
  TEST_CASE("destructors of the boot's objects run once, when the zygote ends") {
    Runtime runtime(sealed("seal_objects.php", {{"SEAL_OBJECTS", "3"}}));
    CHECK(contains(line_with(runtime.output_when_idle(), "sealed in"),
                   "for the zygote's end 0 shutdown functions and 1 destructor,"));
    for (int event = 1; event <= 2; ++event) {
      const Json found = answer_of(runtime, event == 1 ? "{}" : R"({"frees":true})");
      CHECK(found.integer("objects") == (event == 1 ? 3 : 2));
      CHECK(found.integer("mapped") == 1);
      CHECK(found.boolean("referenced"));
      const std::string log = runtime.output_when_idle();
      // The event has made a clone of it.
      CHECK(count(log, "object of the boot ended") == static_cast<std::size_t>(event));
      CHECK(count(log, "object of the event ended") == static_cast<std::size_t>(event));
      CHECK(count(log, "generator ended") == 0);
    }
    runtime.process().signal(SIGTERM);
    runtime.process().wait_exit();
    CHECK(count(runtime.output(), "object of the boot ended") == 3);
    CHECK(count(runtime.output(), "generator ended") == 1);
  }

  TEST_CASE("the end of an event does not write to objects without a destructor") {
    const auto faults_with = [](const char* objects) {
      Runtime runtime(
          sealed("seal_objects.php", {{"SEAL_OBJECTS", objects}, {"PHORK_METRICS", "json"}}));
      answer_of(runtime);
      const std::string line = line_with(runtime.output_when_idle(), "\"minor_faults\"");
      return Json(line.substr(line.find('{'))).integer("minor_faults");
    };
    // 30,000 objects of 72 bytes cover 527 pages.
    CHECK(faults_with("30000") - faults_with("0") < 100);
  }
}
