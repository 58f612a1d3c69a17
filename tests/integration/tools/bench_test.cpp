// SPDX-License-Identifier: MIT
//
// phork-bench as a program, with few events: enough to see that each part measures. No case looks
// at a duration.
#include <utility>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

using namespace phork::testing;

namespace {

struct Bench {
  Finished finished;
  std::string json;
};

Bench run_bench(const std::vector<std::string>& arguments) {
  const ScratchFolder folder;
  std::vector<std::string> all = arguments;
  all.insert(all.end(), {"--source", source_path("."), "--json", folder.file("bench.json")});
  Finished finished = run_program(program("phork-bench"), all, {});
  return {std::move(finished), folder.read("bench.json")};
}

}  // namespace

TEST_SUITE("phork-bench") {
  TEST_CASE("strategies are compared in turns, and the exit code is the verdict") {
    const Bench bench =
        run_bench({"fork", "--quick", "--rounds", "2", "--samples", "6", "--only", "two-ms"});
    CAPTURE(bench.finished.output);
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    REQUIRE(parser.parse(bench.json).get(json) == simdjson::SUCCESS);
    CHECK(bench.finished.status.code == (json["good"].get_bool().value() ? 0 : 1));
    CHECK(json["machine"]["php"]["opcache_runs"].get_bool().value());
    REQUIRE(json["scenarios"].get_array().size() == 1);
    const auto scenario = json["scenarios"].at(0);
    CHECK(scenario["failure"].error() == simdjson::NO_SUCH_FIELD);
    CHECK(scenario["findings"].get_array().size() == 1);
    for (std::size_t strategy = 0; strategy < 2; ++strategy) {
      const auto paces = scenario["series"].at(strategy);
      CHECK(paces["back_to_back"]["latency_us"]["count"].get_int64().value() == 12);
      CHECK(paces["back_to_back"]["minor_faults"]["count"].get_int64().value() == 12);
      CHECK(paces["spaced"]["billed_us"]["count"].get_int64().value() == 40);
      CHECK(paces["cold_start_us"]["count"].get_int64().value() == 2);
    }
  }

  TEST_CASE("a soak looks at bootstrap, its zygote and the child that waits") {
    const Bench bench = run_bench({"soak", "--events", "1040"});
    CAPTURE(bench.finished.output);
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    REQUIRE(parser.parse(bench.json).get(json) == simdjson::SUCCESS);
    const auto rows = json["scenarios"].at(0)["tables"].at(0)["rows"];
    REQUIRE(rows.get_array().size() == 21);
    const auto last = rows.at(20)["values"];
    CHECK(last.at(0).get_double().value() == doctest::Approx(1040));
    CHECK(last.at(2).get_double().value() > 0);
    CHECK(last.at(5).get_double().value() == doctest::Approx(1 + idle_processes("fork")));
  }

  TEST_CASE("the echo and the lines of metrics are measured without PHP") {
    const Bench bench = run_bench({"fork", "--only", "emulator", "--only", "metrics", "--bootstrap",
                                   "/nonexistent/bootstrap"});
    CAPTURE(bench.finished.output);
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    REQUIRE(parser.parse(bench.json).get(json) == simdjson::SUCCESS);
    REQUIRE(json["scenarios"].get_array().size() == 2);
    for (std::size_t scenario = 0; scenario < 2; ++scenario) {
      const auto rows = json["scenarios"].at(scenario)["tables"].at(0)["rows"];
      REQUIRE(rows.get_array().size() == 2);
      CHECK(rows.at(0)["values"].at(0).get_double().value() > 0);
      CHECK(rows.at(1)["values"].at(0).get_double().value() > 0);
    }
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
