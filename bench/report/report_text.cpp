// SPDX-License-Identifier: MIT
#include "bench/report/report_text.h"

#include "bench/figures/append_format.h"

namespace phork::bench {
namespace {

double ms(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1000;
}

Distribution distribution(const Series& series, Pace pace, Measure measure) {
  return Distribution(pooled(series.samples(pace, measure)));
}

// "0.151-0.160": the lowest and the highest median of a round.
void append_spread(std::string& out, const Rounds& rounds) {
  std::vector<double> medians;
  for (const Samples& round : rounds) medians.push_back(ms(Distribution(round).p50()));
  const Interval spread = range_of(medians);
  append_format(out, "  %.3f-%.3f", spread.low, spread.high);
}

void append_series_row(std::string& out, const Series& series, Pace pace) {
  const Distribution latency = distribution(series, pace, Measure::kLatency);
  if (latency.count() == 0) return;
  const Distribution billed = distribution(series, pace, Measure::kBilled);
  const Distribution faults = distribution(series, pace, Measure::kFaults);
  const Distribution ready = distribution(series, pace, Measure::kReady);
  append_format(out, "  %-12s %-13s %7.3f %7.3f %7.3f %8.3f %7.3f", series.label.c_str(),
                std::string(name_of(pace)).c_str(), ms(latency.p50()), ms(latency.percentile(90)),
                ms(latency.percentile(99)), ms(billed.p50()), ms(billed.percentile(99)));
  if (faults.count() > 0) {
    append_format(out, " %7lld", static_cast<long long>(faults.p50()));
  } else {
    append_format(out, " %7s", "-");
  }
  if (ready.count() > 0) {
    append_format(out, " %7.3f", ms(ready.p50()));
  } else {
    append_format(out, " %7s", "-");
  }
  append_format(out, " %6.0f", ms(Distribution(series.cold_starts_us()).p50()));
  append_spread(out, series.samples(pace, Measure::kLatency));
  out += '\n';
}

void append_series(std::string& out, const std::vector<Series>& all) {
  if (all.empty()) return;
  append_format(out, "  %-12s %-13s %-23s %-16s %7s %7s %6s  %s\n", "", "ms", " latency",
                "  billed", "faults", "ready", "cold", "latency p50");
  append_format(out, "  %-12s %-13s %7s %7s %7s %8s %7s %7s %7s %6s  %s\n", "", "", "p50", "p90",
                "p99", "p50", "p99", "p50", "p50", "p50", "by round");
  for (const Pace pace : {Pace::kBackToBack, Pace::kSpaced}) {
    for (const Series& series : all) append_series_row(out, series, pace);
  }
}

// Long tables are for the JSON: the first, the last, and some between.
void append_table(std::string& out, const Table& table) {
  constexpr std::size_t kMostRows = 10;
  out += "  " + table.title + "\n  " + std::string(10, ' ');
  for (const std::string& column : table.columns) append_format(out, " %17s", column.c_str());
  out += '\n';
  const std::size_t step = (table.rows.size() + kMostRows - 1) / kMostRows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i % step != 0 && i + 1 != table.rows.size()) continue;
    append_format(out, "  %-10s", table.rows[i].label.c_str());
    for (const double value : table.rows[i].values) append_format(out, " %17.0f", value);
    out += '\n';
  }
}

void append_finding(std::string& out, const std::string& scenario, const Finding& finding) {
  const std::string unit = finding.unit.empty() ? "" : " " + finding.unit;
  std::string limit;
  append_format(limit, "<= %g%s", finding.limit, unit.c_str());
  append_format(out, "%-8s %-44s %-12s", scenario.c_str(), finding.target.c_str(), limit.c_str());
  if (!finding.measured) {
    append_format(out, " %9s  skipped: %s\n", "-", finding.note.c_str());
    return;
  }
  append_format(out, " %9.2f  ", *finding.measured);
  if (finding.verdict() == Verdict::kMissed) {
    append_format(out, "MISSED by %.2f%s (%s)\n", *finding.measured - finding.limit, unit.c_str(),
                  finding.note.c_str());
  } else {
    append_format(out, "met (%s)\n", finding.note.c_str());
  }
}

void append_findings(std::string& out, const Report& report) {
  append_format(out, "%-8s %-44s %-12s %9s  verdict\n", "scenario", "target", "limit", "measured");
  for (const ScenarioReport& scenario : report.scenarios) {
    if (!scenario.skipped.empty()) {
      append_format(out, "%-8s %-67s  skipped: %s\n", scenario.name.c_str(), "",
                    scenario.skipped.c_str());
    }
    if (!scenario.failure.empty())
      append_format(out, "%-8s %-67s  FAILED\n", scenario.name.c_str(), "");
    for (const Finding& finding : scenario.findings) append_finding(out, scenario.name, finding);
  }
}

}  // namespace

std::string to_text(const Report& report) {
  const Machine& machine = report.machine;
  std::string out;
  append_format(out, "%lld cores, %s, %lld MB, %s, huge pages: %s\n",
                static_cast<long long>(machine.cores), machine.processor.c_str(),
                static_cast<long long>(machine.memory_mb), machine.kernel.c_str(),
                machine.huge_pages.c_str());
  append_format(out,
                "%u rounds by turns, each a fresh process: %u events to warm up, %u back to back, "
                "%u spaced by %lld ms\n",
                report.effort.rounds, report.effort.warm_up, report.effort.events,
                report.effort.spaced, static_cast<long long>(report.effort.pause.count()));
  for (const ScenarioReport& scenario : report.scenarios) {
    out += '\n' + scenario.name + ": " + scenario.title + '\n';
    if (!scenario.skipped.empty()) out += "  skipped: " + scenario.skipped + '\n';
    if (!scenario.failure.empty()) out += "  failed: " + scenario.failure + '\n';
    append_series(out, scenario.series);
    for (const Table& table : scenario.tables) append_table(out, table);
  }
  out += '\n';
  append_findings(out, report);
  return out;
}

}  // namespace phork::bench
