// SPDX-License-Identifier: MIT
//
// phork-bench as a program, with few events: enough to see that each part measures. No case looks
// at a duration.
#include <filesystem>
#include <map>
#include <thread>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

using namespace phork::testing;

namespace {

struct Bench {
  // The report of the run; valid as long as this.
  simdjson::dom::element json() {
    simdjson::dom::element read;
    REQUIRE(parser.parse(text).get(read) == simdjson::SUCCESS);
    return read;
  }

  Finished finished;
  std::string text;
  simdjson::dom::parser parser{};
};

// A Bref that is only a loop: bench/subjects/bref/run starts it as it starts the real one.
constexpr const char* kBref = R"(<?php
namespace Bref\FunctionRuntime;
class Main {
    public static function run(): void {
        $api = 'http://' . getenv('AWS_LAMBDA_RUNTIME_API') . '/2018-06-01/runtime/invocation/';
        $handler = require getenv('LAMBDA_TASK_ROOT') . '/' . getenv('_HANDLER');
        for ($served = 0; $served < (int) (getenv('BREF_LOOP_MAX') ?: 1); $served++) {
            $event = json_decode(file_get_contents($api . 'next'), true);
            $id = preg_replace('/^.*: */', '', current(preg_grep(
                '/^Lambda-Runtime-Aws-Request-Id:/i', $http_response_header)));
            file_get_contents("$api$id/response", false, stream_context_create(['http' => [
                'method' => 'POST', 'content' => json_encode($handler($event))]]));
        }
    }
}
)";

Bench run_bench(const std::vector<std::string>& arguments,
                const std::map<std::string, std::string>& environment = {}) {
  const ScratchFolder folder;
  std::vector<std::string> all = arguments;
  all.insert(all.end(), {"--source", source_path("."), "--json", folder.file("bench.json")});
  Finished finished = run_program(program("phork-bench"), all, environment);
  return {std::move(finished), folder.read("bench.json")};
}

// Of a table of cold starts: each of ours tells its parts, which come near the whole.
void check_parts(const simdjson::dom::element& table) {
  CHECK(table["title"].get_string().value() == "build hello: parts of a cold start, p50 in us");
  for (const auto row : table["rows"].get_array()) {
    const std::string label(row["label"].get_string().value());
    CAPTURE(label);
    const auto values = row["values"].get_array().value();
    REQUIRE(values.size() == 12);
    CHECK(values.at(10).get_double().value() > 0);
    CHECK(values.at(11).get_double().value() > values.at(10).get_double().value());
    if (label == "bref-loop") continue;
    for (const std::size_t part : {0U, 1U}) CHECK(values.at(part).get_double().value() > 0);
    if (label == "fpm") continue;
    for (const std::size_t part : {2U, 3U, 4U}) CHECK(values.at(part).get_double().value() > 0);
    CHECK((values.at(6).get_double().value() > 0) ==
          (label.starts_with("fork") || label.starts_with("rollback")));
  }
}

}  // namespace

// Under the address sanitizer rollback does not boot, so what measures it is skipped.
TEST_SUITE("phork-bench") {
  TEST_CASE("strategies are compared in turns, and the exit code is the verdict" *
            doctest::skip(kAddressSanitizer)) {
    Bench bench =
        run_bench({"fork", "--quick", "--rounds", "2", "--samples", "6", "--only", "two-ms"});
    CAPTURE(bench.finished.output);
    const simdjson::dom::element json = bench.json();
    CHECK(bench.finished.status.code == (json["good"].get_bool().value() ? 0 : 1));
    CHECK(json["machine"]["php"]["opcache_runs"].get_bool().value());
    REQUIRE(json["scenarios"].get_array().size() == 1);
    const auto scenario = json["scenarios"].at(0);
    CHECK(scenario["failure"].error() == simdjson::NO_SUCH_FIELD);
    CHECK(scenario["findings"].get_array().size() == 2);
    for (std::size_t strategy = 0; strategy < 3; ++strategy) {
      const auto paces = scenario["series"].at(strategy);
      CHECK(paces["back_to_back"]["latency_us"]["count"].get_int64().value() == 12);
      CHECK(paces["back_to_back"]["minor_faults"]["count"].get_int64().value() == 12);
      CHECK(paces["spaced"]["billed_us"]["count"].get_int64().value() == 40);
      CHECK(paces["cold_start_us"]["count"].get_int64().value() == 2);
    }
  }

  TEST_CASE("a soak looks at bootstrap, its workers and the child that waits" *
            doctest::skip(kAddressSanitizer)) {
    Bench bench = run_bench({"soak", "--events", "1040"});
    CAPTURE(bench.finished.output);
    const simdjson::dom::element json = bench.json();
    for (std::size_t strategy = 0; strategy < 2; ++strategy) {
      const auto rows = json["scenarios"].at(0)["tables"].at(strategy)["rows"];
      REQUIRE(rows.get_array().size() == 21);
      const auto last = rows.at(20)["values"];
      CHECK(last.at(0).get_double().value() == doctest::Approx(1040));
      CHECK(last.at(2).get_double().value() > 0);
      // The bench states a whole processor, so under fork a child waits in advance.
      const bool in_advance = strategy == 0 && std::thread::hardware_concurrency() >= 2;
      const int processes =
          idle_processes(strategy == 0 ? "fork" : "rollback") + (in_advance ? 1 : 0);
      CHECK(last.at(5).get_double().value() == doctest::Approx(1 + processes));
    }
  }

  TEST_CASE("the echo, the lines of metrics and traces are measured without PHP") {
    Bench bench = run_bench({"fork", "--only", "emulator", "--only", "metrics", "--only", "tracing",
                             "--bootstrap", "/nonexistent/bootstrap"});
    CAPTURE(bench.finished.output);
    const simdjson::dom::element json = bench.json();
    REQUIRE(json["scenarios"].get_array().size() == 3);
    for (std::size_t scenario = 0; scenario < 3; ++scenario) {
      const auto rows = json["scenarios"].at(scenario)["tables"].at(0)["rows"];
      REQUIRE(rows.get_array().size() == 2);
      CHECK(rows.at(0)["values"].at(0).get_double().value() > 0);
      CHECK(rows.at(1)["values"].at(0).get_double().value() > 0);
    }
  }

  TEST_CASE("Bref of a folder has rows and targets, in both of its function modes" *
            doctest::skip(kAddressSanitizer)) {
    const ScratchFolder folder;
    folder.write("vendor/autoload.php", kBref);
    folder.make_folder("vendor/bref/bref");
    Bench bench = run_bench({"fork", "--quick", "--rounds", "1", "--samples", "3", "--only",
                             "hello", "--only", "cold-start"},
                            {{"PHORK_BREF_DIR", folder.path()}});
    CAPTURE(bench.finished.output);
    const simdjson::dom::element json = bench.json();
    const auto hello = json["scenarios"].at(0);
    REQUIRE(hello["series"].get_array().size() == 5);
    for (const std::size_t bref : {3U, 4U}) {
      const auto series = hello["series"].at(bref);
      CHECK(series["back_to_back"]["latency_us"]["count"].get_int64().value() == 3);
    }
    CHECK(hello["findings"].at(2)["target"].get_string().value() ==
          "inprocess latency p50 / bref-loop");
    const auto cold = json["scenarios"].at(1);
    // Only root can make compiled code read-only.
    const std::string fork = ::geteuid() == 0 ? "build hello fork +code" : "build hello fork";
    CHECK(cold["findings"].at(1)["target"].get_string().value() ==
          fork + " cold start p50 / bref-loop");
    const auto alone = cold["tables"].at(0)["rows"];
    CHECK(alone.at(0)["label"].get_string().value() == "build bootstrap");
    check_parts(cold["tables"].at(1));
  }

  TEST_CASE("a folder without Bref is refused, and no folder leaves its rows out in one line") {
    const ScratchFolder folder;
    const Bench wrong = run_bench({"fork"}, {{"PHORK_BREF_DIR", folder.path()}});
    CHECK(wrong.finished.status.code == 100);
    CHECK(wrong.finished.output.find("PHORK_BREF_DIR: expected a folder with vendor/bref/bref") !=
          std::string::npos);
    const Bench none = run_bench({"fork", "--only", "bref"});
    CHECK(none.finished.status.code == 0);
    CHECK(none.finished.output.find("skipped: PHORK_BREF_DIR is not set") != std::string::npos);
  }

  TEST_CASE("without ab its scenario names the package to install") {
    const ScratchFolder folder;
    const Bench bench = run_bench({"fork", "--only", "ab"}, {{"PATH", folder.path()}});
    CAPTURE(bench.finished.output);
    CHECK(bench.finished.status.code == 0);
    const bool fetched = std::filesystem::exists(source_path("examples/symfony/vendor"));
    CHECK(bench.finished.output.find(fetched ? "apache2-utils" : "symfony has no vendor") !=
          std::string::npos);
  }

  TEST_CASE("ab asks fresh environments, and each of its requests is a sample" *
            doctest::skip(kAddressSanitizer || ::access("/usr/bin/ab", X_OK) != 0)) {
    if (!std::filesystem::exists(source_path("examples/symfony/vendor/autoload.php"))) {
      MESSAGE("skipped: examples/symfony has no vendor folder (Packagist not reached)");
      return;
    }
    Bench bench = run_bench({"fork", "--quick", "--rounds", "1", "--only", "ab"});
    CAPTURE(bench.finished.output);
    const simdjson::dom::element json = bench.json();
    const auto scenario = json["scenarios"].at(0);
    REQUIRE(scenario["series"].get_array().size() == 4);
    for (const auto series : scenario["series"].get_array()) {
      CHECK(series["back_to_back"]["latency_us"]["count"].get_int64().value() == 100);
      CHECK(series["cold_start_us"]["p50"].get_int64().value() > 0);
    }
    CHECK(scenario["findings"].get_array().size() == 4);
  }

  TEST_CASE("a runtime that does not start fails the scenario and says why") {
    const Bench bench =
        run_bench({"fork", "--only", "two-ms", "--bootstrap", "/nonexistent/bootstrap"});
    CHECK(bench.finished.status.code == 1);
    CHECK(bench.finished.output.find("failed: process: spawn '/nonexistent/bootstrap'") !=
          std::string::npos);
  }

  TEST_CASE("a wrong argument ends the bench with exit code 100") {
    CHECK(run_program(program("phork-bench"), {}, {}).status.code == 100);
    CHECK(run_program(program("phork-bench"), {"fork", "--only", "nothing"}, {}).status.code ==
          100);
  }
}
