// SPDX-License-Identifier: MIT
#include "bench/report/report_text.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "bench/figures/text.h"

namespace phork::bench {
namespace {

double ms(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1000;
}

Samples samples_of(const Series& series, Pace pace, Measure measure) {
  return pooled(series.samples(pace, measure));
}

double percentile_ms(const Samples& samples, double percent) {
  return ms(percentile(samples, percent));
}

// "0.151-0.160": the lowest and the highest median of a round.
void append_spread(std::string& out, const Rounds& rounds) {
  std::vector<double> medians;
  for (const Samples& round : rounds) medians.push_back(percentile_ms(round, 50));
  const Interval spread = range_of(medians);
  append_format(out, "  %.3f-%.3f", spread.low, spread.high);
}

void append_series_row(std::string& out, const Series& series, Pace pace) {
  const Samples latency = samples_of(series, pace, Measure::kLatency);
  if (latency.empty()) return;
  const Samples billed = samples_of(series, pace, Measure::kBilled);
  const Samples faults = samples_of(series, pace, Measure::kFaults);
  const Samples ready = samples_of(series, pace, Measure::kReady);
  append_format(out, "  %-13s %-13s %7.3f %7.3f %7.3f", series.label.c_str(),
                std::string(name_of(pace)).c_str(), percentile_ms(latency, 50),
                percentile_ms(latency, 90), percentile_ms(latency, 99));
  if (!billed.empty()) {
    append_format(out, " %8.3f %7.3f", percentile_ms(billed, 50), percentile_ms(billed, 99));
  } else {
    append_format(out, " %8s %7s", "-", "-");
  }
  if (!faults.empty()) {
    append_format(out, " %7lld", static_cast<long long>(percentile(faults, 50)));
  } else {
    append_format(out, " %7s", "-");
  }
  if (!ready.empty()) {
    append_format(out, " %7.3f", percentile_ms(ready, 50));
  } else {
    append_format(out, " %7s", "-");
  }
  append_format(out, " %6.0f", percentile_ms(series.cold_starts_us(), 50));
  append_spread(out, series.samples(pace, Measure::kLatency));
  out += '\n';
}

void append_series(std::string& out, const std::vector<Series>& all) {
  std::string rows;
  for (const Pace pace : {Pace::kBackToBack, Pace::kSpaced}) {
    for (const Series& series : all) append_series_row(rows, series, pace);
  }
  if (rows.empty()) return;
  append_format(out, "  %-13s %-13s %-23s %-16s %7s %7s %6s  %s\n", "", "ms", " latency",
                "  billed", "faults", "ready", "cold", "latency p50");
  append_format(out, "  %-13s %-13s %7s %7s %7s %8s %7s %7s %7s %6s  %s\n", "", "", "p50", "p90",
                "p99", "p50", "p99", "p50", "p50", "p50", "by round");
  out += rows;
}

// Of a long table, the first row, the last row and some between. The JSON has all.
void append_table(std::string& out, const Table& table) {
  constexpr std::size_t kMostRows = 12;
  std::size_t widest = 9;
  for (const std::string& column : table.columns) widest = std::max(widest, column.size());
  const auto width = static_cast<int>(widest);
  out += "  " + table.title + "\n  " + std::string(17, ' ');
  for (const std::string& column : table.columns) {
    append_format(out, " %*s", width, column.c_str());
  }
  out += '\n';
  const std::size_t step = (table.rows.size() + kMostRows - 1) / kMostRows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i % step != 0 && i + 1 != table.rows.size()) continue;
    append_format(out, "  %-17s", table.rows[i].label.c_str());
    for (const double value : table.rows[i].values) append_format(out, " %*.0f", width, value);
    out += '\n';
  }
}

void append_finding(std::string& out, const std::string& scenario, const Finding& finding) {
  const std::string unit = finding.unit.empty() ? "" : " " + finding.unit;
  std::string limit;
  append_format(limit, "<= %g%s", finding.limit, unit.c_str());
  append_format(out, "%-10s %-44s %-12s", scenario.c_str(), finding.target.c_str(), limit.c_str());
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

void append_findings(std::string& out, const SuiteReport& report) {
  append_format(out, "%-10s %-44s %-12s %9s  verdict\n", "scenario", "target", "limit", "measured");
  for (const ScenarioReport& scenario : report.scenarios) {
    if (!scenario.skipped.empty()) {
      append_format(out, "%-10s %-67s  skipped: %s\n", scenario.name.c_str(), "",
                    scenario.skipped.c_str());
    }
    if (!scenario.failure.empty())
      append_format(out, "%-10s %-67s  FAILED\n", scenario.name.c_str(), "");
    for (const Finding& finding : scenario.findings) append_finding(out, scenario.name, finding);
  }
}

constexpr std::size_t kLineWidth = 100;
constexpr int kLabelWidth = 13;

std::string ms_text(double microseconds) {
  return short_number(microseconds / 1000);
}

std::string interval_text(const Interval& interval) {
  return ms_text(interval.low) + "-" + ms_text(interval.high);
}

// Lines of at most kLineWidth columns; those after the first are indented like it.
std::string wrapped(const std::string& first, std::string_view text) {
  std::string out;
  std::string line = first;
  bool begun = false;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, blank);
    if (begun && line.size() + 1 + word.size() > kLineWidth) {
      out += line + '\n';
      line.assign(first.size(), ' ');
      begun = false;
    }
    if (begun) line += ' ';
    line += word;
    begun = true;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return out + line + '\n';
}

// "> D fork": the mark is for the recommended strategy.
void append_label(std::string& out, const FunctionReport& report, const SubjectReport& subject) {
  const char* mark = subject.label == report.recommendation.choice ? ">" : " ";
  const char* letter = subject.letter.empty() ? " " : subject.letter.c_str();
  append_format(out, "%s %s %-*.*s", mark, letter, kLabelWidth, kLabelWidth, subject.label.c_str());
}

std::string optional_text(const std::optional<double>& value) {
  return value ? short_number(*value) : "-";
}

void append_times(std::string& out, const PaceFigures& figures) {
  append_format(out, "%7s %-13s %7s %7s", ms_text(figures.latency.p50.value).c_str(),
                interval_text(figures.latency.p50.interval).c_str(),
                ms_text(figures.latency.p90.value).c_str(),
                ms_text(figures.latency.p99.value).c_str());
  append_format(out, " %7s", figures.billed ? ms_text(figures.billed->p50.value).c_str() : "-");
}

void append_main_table(std::string& out, const FunctionReport& report) {
  append_format(out, "%-17s%s\n", "", "latency, ms                          billed   cold");
  append_format(out, "%-17s%7s %-13s %7s %7s %7s %6s %7s %5s %6s %6s\n", "  back to back", "p50",
                "95 %", "p90", "p99", "p50", "start", "per s", "MB", "CPU ms", "faults");
  for (const SubjectReport* subject : report.measured()) {
    const SubjectFigures& figures = subject->figures;
    append_label(out, report, *subject);
    append_times(out, figures.back_to_back);
    const double memory_mb = figures.memory_kb / 1024;
    append_format(
        out, " %6s %7s %5.0f", ms_text(figures.cold_start_us.value).c_str(),
        figures.events_per_second ? grouped(figures.events_per_second->value).c_str() : "-",
        memory_mb);
    const auto cpu_ms = figures.cpu_us_per_event
                            ? std::optional<double>(*figures.cpu_us_per_event / 1000)
                            : std::nullopt;
    append_format(out, " %6s %6s\n", optional_text(cpu_ms).c_str(),
                  figures.faults_per_event ? grouped(*figures.faults_per_event).c_str() : "-");
  }
}

void append_spaced_table(std::string& out, const FunctionReport& report) {
  std::string heading = "  spaced";
  append_format(out, "\n%-17s%7s %-13s %7s %7s %7s\n", heading.c_str(), "p50", "95 %", "p90", "p99",
                "p50");
  for (const SubjectReport* subject : report.measured()) {
    append_label(out, report, *subject);
    append_times(out, subject->figures.spaced);
    out += '\n';
  }
}

void append_missing(std::string& out, const FunctionReport& report) {
  for (const SubjectReport& subject : report.subjects) {
    if (!subject.measured()) out += wrapped("  " + subject.label + ": ", subject.missing);
  }
  for (const std::string& remark : report.remarks) out += wrapped("  ", remark);
}

void append_ab_table(std::string& out, const FunctionReport& report) {
  const auto has_ab = [](const SubjectReport& subject) { return subject.ab.has_value(); };
  if (std::ranges::none_of(report.subjects, has_ab)) return;
  append_format(out, "\n%-17s%7s %7s %7s %7s %7s\n", "  ab -c 1", "p50 ms", "p90", "p99", "mean",
                "per s");
  for (const SubjectReport& subject : report.subjects) {
    if (!subject.ab) continue;
    append_label(out, report, subject);
    append_format(
        out, "%7s %7s %7s %7s %7s   %u requests, %u failed\n",
        short_number(subject.ab->p50_ms).c_str(), short_number(subject.ab->p90_ms).c_str(),
        short_number(subject.ab->p99_ms).c_str(), short_number(subject.ab->mean_ms).c_str(),
        grouped(subject.ab->per_second).c_str(), subject.ab->requests, subject.ab->failed);
  }
}

std::string size_text(const MillionEvents& size) {
  if (size.too_small) return "too small";
  std::string text;
  append_format(text, "%.2f", size.total_usd);
  return text;
}

void append_cost_table(std::string& out, const FunctionReport& report) {
  if (report.cost.rows.empty()) return;
  append_format(out, "\n%-17s", "  USD a million");
  for (const unsigned memory : report.cost.options.memory_mb) {
    append_format(out, " %9s", (std::to_string(memory) + " MB").c_str());
  }
  out += '\n';
  for (const CostRow& row : report.cost.rows) {
    const auto subject = std::ranges::find(report.subjects, row.label, &SubjectReport::label);
    append_label(out, report, *subject);
    for (const MillionEvents& size : row.sizes) append_format(out, " %9s", size_text(size).c_str());
    out += '\n';
  }
  out += wrapped("  ", "At most, with " + round_number(report.cost.options.cold_start_share * 100) +
                           " % cold starts; " +
                           std::string(name_of(report.cost.options.architecture)) + ", " +
                           report.cost.region + ", prices of " + report.cost.prices_date + ".");
}

void append_day(std::string& out, const FunctionReport& report, const DayReport& day) {
  append_format(out, "\n  a day of %s\n", day.arrivals.spec.c_str());
  append_format(out, "%-17s %11s %12s %8s %9s %9s %9s %9s\n", "", "events", "environments", "cold",
                "p50 ms", "p99 ms", "throttled", "USD");
  for (const DayResult& result : day.days) {
    const auto subject = std::ranges::find(report.subjects, result.label, &SubjectReport::label);
    append_label(out, report, *subject);
    if (result.too_small) {
      out += "   too small\n";
      continue;
    }
    append_format(out, " %11s %12s %8s %9s", grouped(result.events).c_str(),
                  grouped(static_cast<double>(result.peak_environments)).c_str(),
                  grouped(result.cold_starts).c_str(),
                  ms_text(static_cast<double>(result.latency_p50_us)).c_str());
    append_format(out, " %9s %9s %9s\n",
                  ms_text(static_cast<double>(result.latency_p99_us)).c_str(),
                  grouped(result.throttled).c_str(), short_number(result.usd_per_day).c_str());
  }
}

void append_recommendation(std::string& out, const Recommendation& recommendation) {
  out += '\n' + wrapped("", recommendation.headline);
  for (const std::string& reason : recommendation.reasons) out += wrapped("  - ", reason);
  for (const std::string& caution : recommendation.cautions) out += wrapped("  ! ", caution);
}

}  // namespace

std::string to_text(const SuiteReport& report) {
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

std::string to_text(const FunctionReport& report) {
  const Effort& effort = report.effort;
  std::string out = wrapped("", report.title() + ", " + report.handler + ", " + report.event);
  std::string how;
  append_format(how,
                "%u rounds by turns, each a fresh process: up to %u events back to back and %u "
                "spaced by %lld ms; %u at once for the rate. %lld cores, %s.",
                effort.rounds, effort.events, effort.spaced,
                static_cast<long long>(effort.pause.count()), report.concurrency,
                static_cast<long long>(report.machine.cores), report.machine.processor.c_str());
  out += wrapped("", how) + '\n';
  append_main_table(out, report);
  append_spaced_table(out, report);
  append_missing(out, report);
  append_ab_table(out, report);
  append_cost_table(out, report);
  for (const DayReport& day : report.arrivals) append_day(out, report, day);
  append_recommendation(out, report.recommendation);
  return out;
}

}  // namespace phork::bench
