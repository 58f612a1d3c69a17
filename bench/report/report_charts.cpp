// SPDX-License-Identifier: MIT
#include "bench/report/report_charts.h"

#include <algorithm>
#include <utility>

#include "bench/figures/html.h"
#include "bench/figures/line_figure.h"
#include "bench/figures/strip_figure.h"
#include "bench/figures/text.h"

namespace phork::bench {
namespace {

// The first of the page's colours belong to the strategies, by letter.
constexpr std::size_t kStrategyColours = 6;
constexpr std::size_t kColours = 8;

std::vector<double> in_ms(const Samples& microseconds) {
  std::vector<double> values;
  values.reserve(microseconds.size());
  for (const std::int64_t value : microseconds) values.push_back(static_cast<double>(value) / 1000);
  return values;
}

std::vector<double> latencies_ms(const SubjectReport& subject, Pace pace) {
  return in_ms(pooled(subject.series.samples(pace, Measure::kLatency)));
}

double as_ms(const Estimate& estimate) {
  return estimate.value / 1000;
}

bool is_chosen(const FunctionReport& report, const std::string& label) {
  return label == report.recommendation.choice;
}

Strip begin_strip(const FunctionReport& report, const SubjectReport& subject) {
  Strip strip;
  strip.label = subject.label;
  strip.colour = colour_of(report, subject);
  strip.chosen = is_chosen(report, subject.label);
  return strip;
}

// The ends of the values without the lowest and highest 0.2 %, which would squeeze the rest.
void add_bulk(std::vector<double>& all, std::vector<double> values) {
  if (values.empty()) return;
  std::ranges::sort(values);
  const std::size_t cut = values.size() / 500;
  all.push_back(values[cut]);
  all.push_back(values[values.size() - 1 - cut]);
}

std::string latency_table(const FunctionReport& report) {
  HtmlTable table{
      "Latency in ms, with 95 % intervals",
      {"", "back to back: events", "p50", "p90", "p99", "spaced: events", "p50", "p90", "p99"},
      {}};
  for (const SubjectReport* subject : report.measured()) {
    HtmlTable::Row row{{{subject->label}}, is_chosen(report, subject->label)};
    for (const PaceFigures* pace : {&subject->figures.back_to_back, &subject->figures.spaced}) {
      const TimeFigures& times = pace->latency;
      row.cells.push_back({grouped(static_cast<double>(times.count))});
      for (const Estimate* estimate : {&times.p50, &times.p90, &times.p99}) {
        row.cells.push_back(estimate_cell(*estimate));
      }
    }
    table.rows.push_back(std::move(row));
  }
  return to_html(table);
}

std::string billed_table(const FunctionReport& report) {
  HtmlTable table{
      "Latency and billed time in ms, with 95 % intervals",
      {"", "latency p50", "billed p50", "billed p99", "spaced: latency p50", "spaced: billed p50"},
      {}};
  for (const SubjectReport* subject : report.measured()) {
    const SubjectFigures& figures = subject->figures;
    if (!figures.back_to_back.billed || !figures.spaced.billed) continue;
    table.rows.push_back({{{subject->label},
                           estimate_cell(figures.back_to_back.latency.p50),
                           estimate_cell(figures.back_to_back.billed->p50),
                           estimate_cell(figures.back_to_back.billed->p99),
                           estimate_cell(figures.spaced.latency.p50),
                           estimate_cell(figures.spaced.billed->p50)},
                          is_chosen(report, subject->label)});
  }
  return to_html(table);
}

std::string cold_start_table(const FunctionReport& report) {
  HtmlTable table{
      "Cold starts in ms, with 95 % intervals", {"", "starts", "INIT p50", "first answer p50"}, {}};
  for (const SubjectReport* subject : report.measured()) {
    table.rows.push_back({{{subject->label},
                           {std::to_string(subject->figures.cold_starts)},
                           estimate_cell(subject->figures.init_us),
                           estimate_cell(subject->figures.cold_start_us)},
                          is_chosen(report, subject->label)});
  }
  return to_html(table);
}

std::string usd(double value) {
  std::string text;
  append_format(text, value < 1 ? "%.3f" : "%.2f", value);
  return text;
}

HtmlTable::Cell million_cell(const MillionEvents& size) {
  if (size.too_small) return {"too small"};
  return {usd(size.total_usd), "from " + usd(size.spaced_total_usd)};
}

std::string cost_table_html(const FunctionReport& report) {
  HtmlTable table{
      "USD for a million events: the maximum, and the price when no event waits for CPU time of "
      "the one before it",
      {""},
      {}};
  for (const unsigned memory : report.cost.options.memory_mb) {
    table.columns.push_back(grouped(memory) + " MB");
  }
  for (const CostRow& cost : report.cost.rows) {
    HtmlTable::Row row{{{cost.label}}, is_chosen(report, cost.label)};
    for (const MillionEvents& size : cost.sizes) row.cells.push_back(million_cell(size));
    table.rows.push_back(std::move(row));
  }
  return to_html(table);
}

const SubjectReport& subject_of(const FunctionReport& report, const std::string& label) {
  return *std::ranges::find(report.subjects, label, &SubjectReport::label);
}

std::string day_table(const FunctionReport& report, const DayReport& arrivals) {
  HtmlTable table{arrivals.arrivals.spec + ": all strategies get the same arrivals",
                  {"", "events", "environments at peak", "cold starts", "share", "p50 ms", "p99 ms",
                   "p99.9 ms", "throttled", "GB-s", "USD a day", "USD a month"},
                  {}};
  const auto cell = [](double value) { return HtmlTable::Cell{short_number(value)}; };
  for (const DayResult& day : arrivals.days) {
    HtmlTable::Row row{{{day.label}}, is_chosen(report, day.label)};
    if (day.too_small) {
      row.cells.push_back({"too small"});
    } else {
      row.cells.insert(row.cells.end(), {{grouped(day.events)},
                                         {grouped(static_cast<double>(day.peak_environments))},
                                         {grouped(day.cold_starts)},
                                         {short_number(day.cold_start_share * 100) + " %"},
                                         cell(static_cast<double>(day.latency_p50_us) / 1000),
                                         cell(static_cast<double>(day.latency_p99_us) / 1000),
                                         cell(static_cast<double>(day.latency_p999_us) / 1000),
                                         {grouped(day.throttled)},
                                         {grouped(day.gb_seconds)},
                                         {usd(day.usd_per_day)},
                                         {usd(day.usd_per_month)}});
    }
    table.rows.push_back(std::move(row));
  }
  return to_html(table);
}

std::string day_chart(const FunctionReport& report, const DayReport& arrivals,
                      const std::string& id) {
  double highest = 0;
  std::vector<Strip> strips;
  for (const DayResult& day : arrivals.days) {
    Strip strip = begin_strip(report, subject_of(report, day.label));
    if (day.too_small) {
      strip.words = "needs more memory";
    } else {
      highest = std::max(highest, day.usd_per_month);
      strip.bar = {day.usd_per_month};
      strip.words = "USD " + usd(day.usd_per_month) + "; " + grouped(day.cold_starts) +
                    " cold starts a day, p99 " +
                    duration_text(static_cast<double>(day.latency_p99_us));
    }
    strip.description = day.label + ": " + strip.words;
    strips.push_back(std::move(strip));
  }
  return draw_strips(
      {.id = id,
       .title = "Price of a month of " + arrivals.arrivals.spec,
       .about = "Thirty days of these arrivals with " + grouped(report.simulation.memory_mb) +
                " MB, simulated from the measurements: an event takes a free "
                "environment or starts another one, and then its caller waits for the start.",
       .axis = Axis::linear(highest),
       .unit = "USD a month",
       .wide = true,
       .strips = std::move(strips)},
      day_table(report, arrivals));
}

}  // namespace

HtmlTable::Cell estimate_cell(const Estimate& estimate) {
  return {short_number(as_ms(estimate)), short_number(estimate.interval.low / 1000) + "–" +
                                             short_number(estimate.interval.high / 1000)};
}

HtmlTable::Cell rate_cell(const Estimate& rate) {
  return {grouped(rate.value), grouped(rate.interval.low) + "–" + grouped(rate.interval.high)};
}

std::size_t colour_of(const FunctionReport& report, const SubjectReport& subject) {
  if (!subject.letter.empty() && subject.letter[0] >= 'A' &&
      subject.letter[0] < static_cast<char>('A' + kStrategyColours)) {
    return static_cast<std::size_t>(subject.letter[0] - 'A');
  }
  std::size_t others = 0;
  for (const SubjectReport& other : report.subjects) {
    if (&other == &subject) break;
    if (other.letter.empty()) ++others;
  }
  return kStrategyColours + others % (kColours - kStrategyColours);
}

std::string distribution_chart(const FunctionReport& report) {
  std::vector<double> all;
  std::vector<Strip> strips;
  for (const SubjectReport* subject : report.measured()) {
    Strip strip = begin_strip(report, *subject);
    strip.above = latencies_ms(*subject, Pace::kBackToBack);
    strip.below = latencies_ms(*subject, Pace::kSpaced);
    add_bulk(all, strip.above);
    add_bulk(all, strip.below);
    const TimeFigures& times = subject->figures.back_to_back.latency;
    strip.ticks = {as_ms(times.p50)};
    strip.words = duration_text(times.p50.value) + ", p99 " + duration_text(times.p99.value);
    strip.description = subject->label + ": half of all events are answered within " +
                        duration_text(times.p50.value) + ", 99 in 100 within " +
                        duration_text(times.p99.value);
    strips.push_back(std::move(strip));
  }
  return draw_strips(
      {.id = "distribution",
       .title = "Latency",
       .about = "The distribution of events: above the line sent back to back, below it with "
                "pauses of " +
                std::to_string(report.effort.pause.count()) +
                " ms. The mark is the median back to back. The scale is logarithmic.",
       .axis = Axis::logarithmic(all),
       .unit = "latency, ms",
       .wide = true,
       .strips = std::move(strips)},
      latency_table(report));
}

std::string billed_chart(const FunctionReport& report) {
  std::vector<double> all;
  std::vector<Strip> strips;
  for (const SubjectReport* subject : report.measured()) {
    const PaceFigures& figures = subject->figures.back_to_back;
    if (!figures.billed) continue;
    const double latency = as_ms(figures.latency.p50);
    const double billed = as_ms(figures.billed->p50);
    Strip strip = begin_strip(report, *subject);
    strip.span = {latency, billed};
    strip.words = short_number(latency) + " → " + short_number(billed) + " ms";
    strip.description = subject->label + ": the median event is answered after " +
                        short_number(latency) + " ms and billed for " + short_number(billed) +
                        " ms";
    all.insert(all.end(), {latency, billed});
    strips.push_back(std::move(strip));
  }
  if (strips.empty()) return {};
  return draw_strips({.id = "billed",
                      .title = "Latency and billed time",
                      .about = "From the answer (full dot) to the moment the runtime is ready for "
                               "the next event (ring), which is what Lambda bills. Medians.",
                      .axis = Axis::logarithmic(all),
                      .unit = "ms",
                      .strips = std::move(strips)},
                     billed_table(report));
}

std::string cold_start_chart(const FunctionReport& report) {
  double highest = 0;
  std::vector<Strip> strips;
  for (const SubjectReport* subject : report.measured()) {
    const SubjectFigures& figures = subject->figures;
    Strip strip = begin_strip(report, *subject);
    strip.dots = in_ms(cold_starts_with_event_us(subject->series));
    strip.bar = {as_ms(figures.init_us), as_ms(figures.cold_start_us)};
    for (const double dot : strip.dots) highest = std::max(highest, dot);
    strip.words = duration_text(figures.cold_start_us.value);
    strip.description = subject->label + ": ready after " + duration_text(figures.init_us.value) +
                        ", first answer after " + duration_text(figures.cold_start_us.value);
    strips.push_back(std::move(strip));
  }
  return draw_strips({.id = "cold-start",
                      .title = "Cold start",
                      .about = "From the start of the process to its first answer: until it asks "
                               "for an event (dark), and the first event (light). Bars are "
                               "medians, dots single starts.",
                      .axis = Axis::linear(highest),
                      .unit = "ms",
                      .strips = std::move(strips)},
                     cold_start_table(report));
}

std::string cost_chart(const FunctionReport& report) {
  if (report.cost.rows.empty()) return {};
  LineFigure figure{.id = "cost",
                    .title = "Price of a million events",
                    .about =
                        "Below 1,769 MB a function has less than one CPU, so its computations take "
                        "longer. Lines show the maximum; bands reach down to the price when events "
                        "are far apart.",
                    .x_label = "memory size, MB",
                    .y_label = "USD",
                    .description = {},
                    .lines = {}};
  for (const CostRow& row : report.cost.rows) {
    Line line{.label = row.label,
              .colour = colour_of(report, subject_of(report, row.label)),
              .chosen = is_chosen(report, row.label),
              .points = {}};
    for (const MillionEvents& size : row.sizes) {
      if (size.too_small) continue;
      line.points.push_back({static_cast<double>(size.memory_mb), size.total_usd,
                             std::min(size.spaced_total_usd, size.total_usd)});
    }
    if (const MillionEvents* price = report.price_of(row.label)) {
      figure.description += row.label + ": USD " + usd(price->total_usd) + " at " +
                            grouped(price->memory_mb) + " MB. ";
    }
    figure.lines.push_back(std::move(line));
  }
  return draw_lines(figure, cost_table_html(report));
}

std::string rate_chart(const FunctionReport& report) {
  double highest = 0;
  std::vector<Strip> strips;
  HtmlTable table{"Events a second, with 95 % intervals", {"", "all", "each environment"}, {}};
  for (const SubjectReport* subject : report.measured()) {
    const auto& rate = subject->figures.events_per_second;
    if (!rate) continue;
    Strip strip = begin_strip(report, *subject);
    strip.bar = {rate->value};
    strip.dots = subject->series.figures(Figure::kThroughput);
    for (const double dot : strip.dots) highest = std::max(highest, dot);
    strip.words = grouped(rate->value) + " a second";
    strip.description = subject->label + ": " + strip.words;
    strips.push_back(std::move(strip));
    table.rows.push_back(
        {{{subject->label}, rate_cell(*rate), {grouped(rate->value / report.concurrency)}},
         is_chosen(report, subject->label)});
  }
  if (strips.empty()) return {};
  const std::string count = std::to_string(report.concurrency);
  return draw_strips(
      {.id = "rate",
       .title = "Events a second",
       .about = "Served by " + count +
                " environments side by side, each given the next event when it "
                "asks for it. They share this machine's " +
                std::to_string(report.machine.cores) + " CPUs; on Lambda each has its own.",
       .axis = Axis::linear(highest),
       .unit = "a second",
       .strips = std::move(strips)},
      to_html(table));
}

std::string arrivals_charts(const FunctionReport& report) {
  std::string out;
  std::size_t number = 0;
  for (const DayReport& arrivals : report.arrivals) {
    out += day_chart(report, arrivals, "arrivals-" + std::to_string(++number));
  }
  return out;
}

}  // namespace phork::bench
