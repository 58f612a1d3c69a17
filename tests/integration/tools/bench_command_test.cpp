// SPDX-License-Identifier: MIT
//
// `phork bench` as a program, with few events: enough to show that each part works. No case looks
// at a duration, nor at which of the isolating strategies is recommended.
#include <algorithm>
#include <csignal>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;

constexpr const char* kHandler =
    "<?php\n"
    "return static function (array $event): array {\n"
    "    return ['statusCode' => 200, 'body' => 'good'];\n"
    "};\n";
constexpr const char* kForgetful =
    "<?php\n"
    "return static function (array $event): array {\n"
    "    $GLOBALS['visits'] = ($GLOBALS['visits'] ?? 0) + 1;\n"
    "    return ['statusCode' => 200];\n"
    "};\n";
constexpr const char* kScript = "<?php echo 'good';";

class Bench {
 public:
  explicit Bench(const std::string& entry) { folder_.write("app/index.php", entry); }

  // Runs it with few events; `more` are further arguments.
  Finished run(const std::vector<std::string>& more,
               const std::map<std::string, std::string>& environment = {}) const {
    return testing::run_program(testing::program("phork"), arguments(more), environment);
  }

  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"bench", folder_.file("app"), "-n", "4"};
    all.insert(all.end(), {"--json", folder_.file("out.json"), "--html", folder_.file("out.html")});
    if (std::ranges::find(more, "--rounds") == more.end()) {
      all.insert(all.end(), {"--rounds", "1"});
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Json json() const { return Json(folder_.read("out.json")); }

  std::string html() const { return folder_.read("out.html"); }

  const testing::ScratchFolder& folder() const { return folder_; }

 private:
  testing::ScratchFolder folder_;
};

bool has_ab() {
  return ::access("/usr/bin/ab", X_OK) == 0;
}

}  // namespace

TEST_SUITE("bench command") {
  TEST_CASE("strategies and another runtime are measured in turns and reported in three forms") {
    const Bench bench(kHandler);
    const Finished ended = bench.run(
        {"--strategy", "d,inprocess", "--rounds", "2", "-c", "2", "--no-audit", "--arrivals",
         "burst:5", "--against", "other=" + testing::program("bootstrap") + " --strategy=fork"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK_MESSAGE(contains(ended.output, "bench: round 2 of 2"), ended.output);
    CHECK_MESSAGE(contains(ended.output, "> D fork"), ended.output);
    CHECK_MESSAGE(contains(ended.output, "a day of burst:5"), ended.output);
    CHECK_MESSAGE(contains(ended.output, "\nUse fork: "), ended.output);
    const Json json = bench.json();
    CHECK(json.text("function.event") == "GET /, rehearsed");
    CHECK(json.text("recommendation.choice") == "fork");
    CHECK(json.text("audit.reason") == "--no-audit was given");
    for (int subject = 0; subject < 3; ++subject) {
      const std::string path = "subjects." + std::to_string(subject);
      CHECK(json.integer(path + ".back_to_back.latency_us.count") == 8);
      CHECK(json.integer(path + ".rounds") == 2);
      CHECK(json.has(path + ".by_round.events_per_second.1"));
      CHECK(json.has("cost.rows." + std::to_string(subject)));
    }
    CHECK(json.text("subjects.2.label") == "other");
    CHECK(json.text("arrivals.0.days.0.label") == json.text("subjects.0.label"));
    CHECK_MESSAGE(contains(bench.html(), "<figure id=\"rate\""), ended.output);
  }

  TEST_CASE(
      "an application that keeps state is named, and a strategy that isolates is recommended") {
    const Bench bench(kForgetful);
    const Finished ended = bench.run({"--strategy", "inprocess,fork", "-c", "0"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK(bench.json().text("audit.outcome") == "leaks");
    CHECK_MESSAGE(contains(bench.json().raw("audit.leaks"), "\"globals.$visits\""), ended.output);
    CHECK(bench.json().text("recommendation.choice") == "fork");
  }

  TEST_CASE("the event is rehearsed as deployed, unless that is not wanted") {
    const std::pair<std::vector<std::string>, std::string> cases[] = {{{}, "GET /, rehearsed"},
                                                                      {{"--no-warmup"}, "GET /"}};
    for (const auto& each : cases) {
      CAPTURE(each.second);
      const Bench bench(
          "<?php $warmUp = getenv('PHORK_WARMUP'); return static fn () => ['statusCode' => $warmUp "
          "=== false"
          " ? 200 + (int) getenv('REHEARSED') * 300 : 200];");
      std::vector<std::string> flags{"--strategy", "fork", "--rounds",  "1",
                                     "-c",         "0",    "--no-audit"};
      flags.insert(flags.end(), each.first.begin(), each.first.end());
      const Finished ended = bench.run(flags, {{"REHEARSED", each.first.empty() ? "1" : "0"}});
      CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
      CHECK(bench.json().text("function.event") == each.second);
    }
    const Bench own(kHandler);
    own.folder().write("app/own.json", "{}");
    const Finished ended = own.run({"--strategy", "fork", "--rounds", "1", "-c", "0", "--no-audit"},
                                   {{"PHORK_WARMUP", "own.json"}});
    CHECK_MESSAGE(own.json().text("function.event") == "GET /, rehearsed as PHORK_WARMUP says",
                  ended.output);
  }

  TEST_CASE("an application that keeps no state passes the audit") {
    const Bench bench(kHandler);
    const Finished ended = bench.run({"--strategy", "inprocess,fork", "-c", "0"});
    CHECK_MESSAGE(bench.json().text("audit.outcome") == "clean", ended.output);
    CHECK(bench.json().integer("audit.events") == 3);
  }

  TEST_CASE("a function that fails is not measured, and its own message is the reason") {
    const Bench bench("<?php return static fn () => throw new RuntimeException('no stock');");
    const Finished ended = bench.run({"--strategy", "fork", "--no-audit"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 1", ended.output);
    CHECK_MESSAGE(contains(ended.output, "no stock"), ended.output);
    CHECK_FALSE(contains(ended.output, "round 1"));
  }

  TEST_CASE("an answer of status 500 counts as a failure") {
    const Bench bench("<?php http_response_code(500); echo 'sorry';");
    const Finished ended = bench.run({"--strategy", "fork", "--no-audit"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 1", ended.output);
    CHECK_MESSAGE(contains(ended.output, "500"), ended.output);
  }

  TEST_CASE("a runtime that does not start is left out, and the exit code is 1") {
    const Bench bench(kHandler);
    const Finished ended =
        bench.run({"--strategy", "fork", "-c", "0", "--against", "broken=exit 3"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 1", ended.output);
    CHECK(bench.json().has("subjects.0.estimates.latency_us.p50"));
    CHECK_MESSAGE(contains(bench.json().text("subjects.1.missing"), "exit code 3"), ended.output);
  }

  TEST_CASE("a baseline that cannot serve a handler is left out with the reason") {
    const Bench bench(kHandler);
    const Finished ended =
        bench.run({"--strategy", "fork", "-c", "0", "--baselines", "php-server"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK_MESSAGE(contains(bench.json().text("subjects.1.missing"), "php-server"), ended.output);
  }

  TEST_CASE("ab sends requests to each strategy, and its figures are shown" *
            doctest::skip(!has_ab())) {
    const Bench bench(kScript);
    const Finished ended =
        bench.run({"--strategy", "fork", "-c", "0", "--request", "GET /a?b=1", "--ab"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK(bench.json().integer("subjects.0.ab.requests") == 100);
    CHECK(bench.json().integer("subjects.0.ab.failed") == 0);
    CHECK_MESSAGE(contains(ended.output, "100 requests, 0 failed"), ended.output);
  }

  TEST_CASE("without ab its package is named before anything is measured") {
    const Bench bench(kScript);
    const Finished ended =
        bench.run({"--strategy", "fork", "--ab"}, {{"PATH", bench.folder().path()}});
    CHECK_MESSAGE(ended.status.describe() == "exit code 100", ended.output);
    CHECK_MESSAGE(contains(ended.output, "apache2-utils"), ended.output);
  }

  TEST_CASE("a wrong argument is refused with what was expected") {
    const Bench bench(kHandler);
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
        {{"--strategy", "fastest"}, "fastest"},
        {{"--event", "e.json", "--request", "GET /"}, "excludes"},
        {{"--request", "nowhere"}, "expected a method and a path"},
        {{"--arrivals", "poisson:fast"}, "arrivals: "},
        {{"--against", "nameless"}, "expected NAME=COMMAND"},
        {{"--against", "fork=true"}, "expected different names"},
        {{"--baselines", "apache"}, "expected nginx-fpm"},
        {{"--prices", "/nonexistent"}, "/nonexistent"},
        {{"--strategies", "fork"}, "--strategies"},
        {{"--rounds", "0"}, "--rounds"},
    };
    for (const auto& each : wrong) {
      CAPTURE(each.second);
      const Finished ended = bench.run(each.first);
      CHECK_MESSAGE(ended.status.describe() == "exit code 100", ended.output);
      CHECK_MESSAGE(contains(ended.output, each.second), ended.output);
    }
  }

  TEST_CASE("SIGTERM ends a bench and everything that it started") {
    const Bench bench(kHandler);
    testing::Program program(testing::program("phork"),
                             bench.arguments({"--rounds", "1000", "--strategy", "fork"}), {});
    REQUIRE(testing::eventually([&] { return contains(program.output(), "round 1 of 1000"); }));
    program.signal(SIGTERM);
    CHECK_MESSAGE(program.wait_exit().describe() == "exit code 111", program.output());
    CHECK_MESSAGE(contains(program.output(), "stopped"), program.output());
    CHECK(testing::descendants(program.pid()).live == 0);
  }
}
