// SPDX-License-Identifier: MIT
#include "bench/report/suite_report.h"

#include <algorithm>

#include "bench/figures/text.h"

namespace phork::bench {
namespace {

// "fork latency p50"
std::string percentile_words(const Series& of, Measure measure, double percent) {
  const std::string_view name = name_of(measure);
  return of.label + ' ' + std::string(name.substr(0, name.rfind("_us"))) + " p" +
         std::to_string(static_cast<int>(percent));
}

std::string from_to(const char* what, const Interval& interval) {
  std::string text;
  append_format(text, "%s %.2f to %.2f", what, interval.low, interval.high);
  return text;
}

std::string in_words(const Answer& answer) {
  return "status " + std::to_string(answer.status) + " and " + std::to_string(answer.body.size()) +
         " bytes";
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMet:
      return "met";
    case Verdict::kMissed:
      return "missed";
    case Verdict::kSkipped:
      return "skipped";
  }
  return "";
}

Verdict Finding::verdict() const {
  if (!measured) return Verdict::kSkipped;
  return *measured <= limit ? Verdict::kMet : Verdict::kMissed;
}

bool SuiteReport::good() const {
  return std::ranges::none_of(scenarios, [](const ScenarioReport& scenario) {
    return !scenario.failure.empty() ||
           std::ranges::any_of(scenario.findings, [](const Finding& finding) {
             return finding.verdict() == Verdict::kMissed;
           });
  });
}

const Series& series_of(const std::vector<Series>& all, std::string_view label) {
  return *std::ranges::find(all, label, &Series::label);
}

Finding compare(const Series& of, const Series& to, const Comparison& comparison) {
  const Rounds ours = of.samples(comparison.pace, comparison.measure);
  const Rounds theirs = to.samples(comparison.pace, comparison.measure);
  const double percent = comparison.percent;
  const char* pace = comparison.pace == Pace::kSpaced ? " spaced" : "";
  Finding finding{
      .target = percentile_words(of, comparison.measure, percent) + pace + " / " + to.label,
      .unit = "x",
      .limit = comparison.limit,
      .measured = ratio_of_percentiles(ours, theirs, percent)};
  finding.note = from_to("rounds", range_of(ratios_by_round(ours, theirs, percent)));
  if (percent == 50) finding.note += ", " + from_to("95 %", ratio_interval(ours, theirs));
  return finding;
}

void judge(ScenarioReport& report, const std::string& of, const std::string& to,
           const Comparison& comparison) {
  report.findings.push_back(
      compare(series_of(report.series, of), series_of(report.series, to), comparison));
}

Rounds rounds_of(const Series& series, Figure figure) {
  Rounds rounds;
  for (const double value : series.figures(figure)) {
    rounds.push_back({static_cast<std::int64_t>(value)});
  }
  return rounds;
}

Finding compare_cold_starts(const Series& of, const Series& to, double limit) {
  const Rounds ours = rounds_of(of, Figure::kColdStart);
  const Rounds theirs = rounds_of(to, Figure::kColdStart);
  return {.target = of.label + " cold start p50 / " + to.label,
          .unit = "x",
          .limit = limit,
          .measured = ratio_of_percentiles(ours, theirs, 50),
          .note = from_to("95 %", ratio_interval(ours, theirs))};
}

std::vector<std::string> differences(const std::vector<Series>& all) {
  std::vector<std::string> sentences;
  for (const Series& series : all) {
    const Series& first = all.front();
    if (series.answer == first.answer) continue;
    const bool alike = in_words(series.answer) == in_words(first.answer);
    sentences.push_back(
        series.label + " answers with " + in_words(series.answer) + ", " + first.label +
        (alike ? " with the same size and other bytes" : " with " + in_words(first.answer)));
  }
  return sentences;
}

}  // namespace phork::bench
