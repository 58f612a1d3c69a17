// SPDX-License-Identifier: MIT
#include "bench/suites/recorded_ratios.h"

#include <filesystem>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "bench/figures/text.h"

using namespace phork::bench;

namespace {

const RecordedRatios kRecorded{"2026-11-20", "here", {{"fork / inprocess", 2.0, {}}}};

phork::base::Result<RecordedRatios> read_text(const std::string& text) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("phork-ratios-" + std::to_string(::getpid()));
  REQUIRE(write_file(path.string(), text).ok());
  auto read = read_recorded_ratios(path.string());
  std::filesystem::remove(path);
  return read;
}

Finding finding_for(Interval interval, const std::string& name = "fork / inprocess") {
  const auto findings = compare_with_recorded({{name, 2.5, interval}}, kRecorded);
  REQUIRE(findings.size() == 1);
  return findings.front();
}

}  // namespace

TEST_SUITE("recorded ratios") {
  TEST_CASE("recorded ratios are read back as they were written") {
    const auto read = read_text(to_json(kRecorded));
    REQUIRE(read.ok());
    CHECK(read->date == kRecorded.date);
    CHECK(read->machine == kRecorded.machine);
    REQUIRE(read->ratios.size() == 1);
    CHECK(read->ratios[0].name == "fork / inprocess");
    CHECK(read->ratios[0].ratio == doctest::Approx(2.0));
  }

  TEST_CASE("a ratio is missed only when its whole interval is above 1.5 times the recorded one") {
    CHECK(finding_for({3.01, 3.5}).verdict() == Verdict::kMissed);
    CHECK(finding_for({2.9, 9.0}).verdict() == Verdict::kMet);
    CHECK(finding_for({0.5, 0.6}).verdict() == Verdict::kMet);
  }

  TEST_CASE("a ratio without a recorded one is skipped, with its value in the note") {
    const Finding finding = finding_for({9, 10}, "fork / fpm");
    CHECK(finding.verdict() == Verdict::kSkipped);
    CHECK(finding.note.find("2.50") != std::string::npos);
  }

  TEST_CASE("on a machine whose plain fork is slower, ratios of fork may grow by as much") {
    const std::string plain(kPlainFork);
    const RecordedRatios recorded{"",
                                  "",
                                  {{plain, 1.0, {}},
                                   {"a: fork b_us / c", 2.0, {}},
                                   {"a: fpm b_us / c", 2.0, {}},
                                   {"a: fork b_kb / c", 2.0, {}}}};
    const auto limit_of = [&](const std::string& name, double plain_fork) {
      return compare_with_recorded({{plain, plain_fork, {}}, {name, 1.0, {}}}, recorded)
          .at(1)
          .limit;
    };
    CHECK(limit_of("a: fork b_us / c", 4.0) == doctest::Approx(12.0));
    CHECK(limit_of("a: fork b_us / c", 0.5) == doctest::Approx(3.0));
    CHECK(limit_of("a: fpm b_us / c", 4.0) == doctest::Approx(3.0));
    CHECK(limit_of("a: fork b_kb / c", 4.0) == doctest::Approx(3.0));
    const auto of_machine = compare_with_recorded({{plain, 9.0, {}}}, recorded).front();
    CHECK(of_machine.verdict() == Verdict::kSkipped);
  }

  TEST_CASE("a file of another form is refused") {
    for (const char* text : {"", "[]", R"({"date":"d","machine":"m"})",
                             R"({"date":"d","machine":"m","ratios":{"a":"2"}})",
                             R"({"date":"d","machine":"m","ratios":{"a":0}})"}) {
      CAPTURE(text);
      const auto read = read_text(text);
      REQUIRE_FALSE(read.ok());
      CHECK(read.error().kind == phork::base::ErrorKind::kInvalid);
    }
    const auto missing = read_recorded_ratios("/nonexistent/ratios.json");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().text.find("/nonexistent/ratios.json") != std::string::npos);
  }
}
