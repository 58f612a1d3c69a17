// SPDX-License-Identifier: MIT
#include "bench/suites/scenario.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "bench/suites/workloads.h"

using namespace phork::bench;

namespace {

std::string source() {
  const char* root = std::getenv("PHORK_SOURCE");
  REQUIRE(root != nullptr);
  return root;
}

}  // namespace

TEST_CASE("the workloads of the bench exist") {
  CHECK_FALSE(missing(hello(source())).has_value());
  CHECK_FALSE(missing(script(source())).has_value());
  CHECK_FALSE(missing(two_ms(source())).has_value());
  CHECK_FALSE(missing(heap(source(), 16, HeapValues::kSmall)).has_value());
  CHECK_FALSE(missing(facts(source())).has_value());
  for (Workload page : {symfony_function(source()), symfony_script(source())}) {
    page.needed.clear();  // the packages of examples/symfony
    CHECK_FALSE(missing(page).has_value());
  }
}

TEST_CASE("a workload without its packages names the missing file") {
  Workload page = symfony_page(source());
  page.needed = "vendor/no-such-file.php";
  CHECK(missing(page) == "symfony has no vendor/no-such-file.php");
  page.task_root = "/nonexistent";
  CHECK(missing(page) == "symfony has no phork.php");
}

TEST_CASE("the page is requested by an event of API Gateway") {
  simdjson::dom::parser parser;
  simdjson::dom::element event;
  REQUIRE(parser.parse(symfony_page(source()).payload).get(event) == simdjson::SUCCESS);
  CHECK(event["version"].get_string().value() == "2.0");
  CHECK(event["rawPath"].get_string().value() == "/hello/Ada");
  CHECK(event["rawQueryString"].get_string().value() == "minimum_km=50000");
  CHECK(event["requestContext"]["http"]["method"].get_string().value() == "GET");
}

TEST_CASE("compared subjects compute the same number of steps") {
  CHECK(two_ms(source()).environment.empty());
  CHECK(two_ms(source(), "1234").environment ==
        std::vector<std::pair<std::string, std::string>>{{"BENCH_STEPS", "1234"}});
}

TEST_CASE(
    "a scenario that cannot measure gives the reason, and its progress lines begin with its name") {
  const std::atomic<bool> stopping = false;
  std::vector<std::string> said;
  const Setup setup{
      .bootstrap = {},
      .source = "/nonexistent",
      .run = {{}, stopping, [&said](const std::string& line) { said.push_back(line); }}};
  const Scenario failing{"made-up", "a title", [](const Setup& told, ScenarioReport&) {
                           told.run.say("hello");
                           return phork::base::Status(phork::base::Error{
                               phork::base::ErrorKind::kSystem, "bench: measure: no luck"});
                         }};
  CHECK(measure(failing, setup).failure == "bench: measure: no luck");
  CHECK(said == std::vector<std::string>{"made-up: hello"});
  // A listed scenario without its application is skipped, and so are rows of Bref without a Bref.
  const auto skipped = [&setup](std::string_view name) {
    return measure(*std::ranges::find(scenarios(), name, &Scenario::name), setup).skipped;
  };
  CHECK(skipped("symfony") == "symfony has no phork.php");
  CHECK(skipped("busy") == "symfony has no phork.php");
  CHECK(skipped("ab") == "symfony has no phork.php");
  CHECK(skipped("bref") == "PHORK_BREF_DIR is not set: no rows of Bref and no targets against it");
}

TEST_CASE("a workload is launched under each strategy once, and under Bref where there is one") {
  const std::atomic<bool> stopping = false;
  Setup setup{.bootstrap = "/b/bootstrap",
              .source = "/s",
              .also = {"fork", "exec"},
              .run = {{}, stopping, [](const std::string& /*line*/) {}}};
  const auto labels = [&setup] {
    std::vector<std::string> all;
    for (const Launch& each :
         launches(setup, facts("/s"), {"inprocess", "fork"}, {"loop", "fpm"})) {
      all.push_back(each.label);
    }
    return all;
  };
  CHECK(labels() == std::vector<std::string>{"inprocess", "fork", "exec"});
  setup.bref = "/bref";
  CHECK(labels() == std::vector<std::string>{"inprocess", "fork", "exec", "bref-loop", "bref-fpm"});
}
