// SPDX-License-Identifier: MIT
//
// Memory: what each child costs that waits ready beside the first one.
#include <algorithm>

#include "bench/suites/scenario.h"

namespace phork::bench {
namespace {

using base::Result;
using base::Status;

constexpr double kKbPerMb = 1024;
constexpr unsigned kMostRounds = 3;

Launch with_spares(const Setup& setup, const char* spares) {
  Launch one = launch(setup, "fork", symfony_page(setup.source));
  one.label = std::string("spares ") + spares;
  one.environment = {{"PHORK_SPARES", spares}};
  return one;
}

// One row for each round; `processes` and `pss_kb` of all of them.
Table tabulate(const std::vector<Series>& all, std::vector<double>& processes,
               std::vector<double>& pss_kb) {
  Table table{.title = "memory by number of ready children",
              .columns = {"processes", "PSS kB"},
              .rows = {}};
  for (const Series& series : all) {
    for (const Round& round : series.rounds) {
      processes.push_back(static_cast<double>(round.usage.count()));
      pss_kb.push_back(static_cast<double>(round.usage.pss_kb()));
      table.rows.push_back({series.label, {processes.back(), pss_kb.back()}});
    }
  }
  return table;
}

}  // namespace

Status measure_spares(const Setup& setup, ScenarioReport& report) {
  const Application application = symfony_page(setup.source);
  if (const auto reason = missing(application)) {
    report.skipped = *reason;
    return base::ok_status();
  }
  const auto primed = prime(launch(setup, "inprocess", application), setup.run);
  if (!primed) return primed.error();
  Run run = setup.run;
  // Memory repeats itself from round to round; all children that wait were made by a zygote that
  // had served many events.
  run.effort.rounds = std::min(run.effort.rounds, kMostRounds);
  run.effort.spaced = 0;
  const auto series = interleave({with_spares(setup, "1"), with_spares(setup, "4")}, run);
  if (!series) return series.error();
  std::vector<double> processes;
  std::vector<double> pss_kb;
  report.tables = {tabulate(series.value(), processes, pss_kb)};
  Finding finding{.target = "PSS of an extra ready child", .unit = "MB", .limit = 3};
  const auto [fewest, most] = std::ranges::minmax(processes);
  if (fewest < most) {
    finding.measured = slope(processes, pss_kb) / kKbPerMb;
    finding.note = "slope over all rounds";
  } else {
    finding.note = "PHORK_SPARES=4 has no more processes than PHORK_SPARES=1";
  }
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
