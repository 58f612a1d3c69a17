// SPDX-License-Identifier: MIT
#include "bench/report/function_report_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "bench/figures/append_format.h"
#include "bench/figures/markup.h"

namespace phork::bench {
namespace {

constexpr std::size_t kLineWidth = 100;
constexpr int kLabelWidth = 13;

std::string ms(double microseconds) {
  return short_number(microseconds / 1000);
}

std::string interval_text(const Interval& interval) {
  return ms(interval.low) + "-" + ms(interval.high);
}

// Lines of at most kLineWidth columns; those behind the first are indented.
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

// "> D fork": the mark is on what is recommended.
void append_label(std::string& out, const FunctionReport& report, const SubjectReport& subject) {
  const char* mark = subject.label == report.recommendation.choice ? ">" : " ";
  const char* letter = subject.letter.empty() ? " " : subject.letter.c_str();
  append_format(out, "%s %s %-*.*s", mark, letter, kLabelWidth, kLabelWidth, subject.label.c_str());
}

std::string optional_text(const std::optional<double>& value) {
  return value ? short_number(*value) : "-";
}

void append_times(std::string& out, const PaceFigures& figures) {
  append_format(out, "%7s %-13s %7s %7s", ms(figures.latency.p50.value).c_str(),
                interval_text(figures.latency.p50.interval).c_str(),
                ms(figures.latency.p90.value).c_str(), ms(figures.latency.p99.value).c_str());
  append_format(out, " %7s", figures.billed ? ms(figures.billed->p50.value).c_str() : "-");
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
        out, " %6s %7s %5.0f", ms(figures.cold_start_us.value).c_str(),
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
                  ms(static_cast<double>(result.latency_p50_us)).c_str());
    append_format(out, " %9s %9s %9s\n", ms(static_cast<double>(result.latency_p99_us)).c_str(),
                  grouped(result.throttled).c_str(), short_number(result.usd_per_day).c_str());
  }
}

void append_recommendation(std::string& out, const Recommendation& recommendation) {
  out += '\n' + wrapped("", recommendation.headline);
  for (const std::string& reason : recommendation.reasons) out += wrapped("  - ", reason);
  for (const std::string& caution : recommendation.cautions) out += wrapped("  ! ", caution);
}

}  // namespace

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
