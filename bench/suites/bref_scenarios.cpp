// SPDX-License-Identifier: MIT
//
// Scenarios beside Bref (docs/comparators.md): the same handler, event, PHP and driver. Without a
// folder with Bref, hello has no rows of it and bref is skipped.
#include <chrono>
#include <iterator>

#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"

namespace phork::bench {
namespace {

using base::Status;

// Bref's function mode boots a process for each event: it gets fewer events instead of minutes.
constexpr std::chrono::milliseconds kPartLimit{500};
constexpr Comparison kAgainstBref{Measure::kLatency, 50, 0.85};

Status measure_primed(const Setup& setup, const std::vector<Launch>& launches,
                      ScenarioReport& report) {
  Run run = setup.run;
  run.effort.part_limit = kPartLimit;
  if (const auto primed = prime(launches, run); !primed) return primed.error();
  return measure_in_turns(launches, run, report);
}

}  // namespace

Status measure_hello(const Setup& setup, ScenarioReport& report) {
  const std::vector<Launch> all =
      launches(setup, hello(setup.source), {"inprocess", "fork", "rollback"}, {"loop", "function"});
  if (Status measured = measure_primed(setup, all, report); !measured) return measured;
  judge_isolation(report);
  if (!setup.bref.empty()) judge(report, "inprocess", "bref-loop", kAgainstBref);
  return base::ok_status();
}

Status measure_bref(const Setup& setup, ScenarioReport& report) {
  const Workload function = symfony_function(setup.source);
  if (setup.bref.empty()) {
    report.skipped = "PHORK_BREF_DIR is not set: no rows of Bref and no targets against it";
  } else if (const auto reason = missing(function)) {
    report.skipped = *reason;
  }
  if (!report.skipped.empty()) return base::ok_status();
  std::vector<Launch> all =
      launches(setup, function, {"inprocess", "fork", "rollback"}, {"loop", "function"});
  // Bref's FPM mode runs scripts only.
  Setup without_also = setup;
  without_also.also.clear();
  std::ranges::move(launches(without_also, symfony_script(setup.source), {"fpm"}, {"fpm"}),
                    std::back_inserter(all));
  if (Status measured = measure_primed(setup, all, report); !measured) return measured;
  judge_isolation(report);
  judge(report, "inprocess", "bref-loop", kAgainstBref);
  return base::ok_status();
}

}  // namespace phork::bench
