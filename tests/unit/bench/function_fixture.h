// SPDX-License-Identifier: MIT
//
// The report of a function with invented figures: three strategies, and another subject that was
// left out.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/cost/cost.h"
#include "bench/cost/prices.h"
#include "bench/report/function_report.h"
#include "bench/suites/function_bench.h"
#include "tests/unit/bench/series_fixture.h"

namespace phork::testing {

inline bench::SubjectReport make_subject_report(const std::string& label, const std::string& letter,
                                                std::int64_t latency_us) {
  bench::SubjectReport subject{.label = label, .letter = letter};
  subject.slate = label == "inprocess" ? bench::Slate::kShared
                  : label == "fpm"     ? bench::Slate::kPhpFpm
                                       : bench::Slate::kBlank;
  subject.ours = true;
  subject.series = make_series(label, std::vector<std::int64_t>(6, latency_us));
  subject.figures = bench::figures_of(subject.series);
  return subject;
}

inline bench::FunctionReport make_function_report() {
  bench::FunctionReport report{.task_root = "/srv/shop",
                               .handler = "index.php",
                               .event = "GET /?a=1&b=<2>",
                               .date = "2026-11-20",
                               .memory_mb = 512,
                               .concurrency = 2};
  report.effort.rounds = 6;
  report.machine.cores = 2;
  report.machine.processor = "a processor";
  report.subjects = {make_subject_report("inprocess", "A", 200),
                     make_subject_report("fork", "D", 400), make_subject_report("fpm", "E", 800)};
  report.subjects.push_back({.label = "<other>", .missing = "it \"ended\" & said nothing"});
  std::vector<bench::StrategyProfile> profiles;
  for (const bench::SubjectReport* subject : report.measured()) {
    profiles.push_back(*bench::profile_of(subject->series));
  }
  report.cost = bench::cost_table(profiles, bench::published_prices());
  bench::conclude(
      report,
      {.outcome = bench::SharingAudit::Outcome::kLeaks, .events = 3, .leaks = {"globals.$visits"}});
  return report;
}

}  // namespace phork::testing
