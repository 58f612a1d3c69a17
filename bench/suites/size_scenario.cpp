// SPDX-License-Identifier: MIT
//
// Size: the same small event from zygotes with ever more on their heap. A fork copies page tables,
// so its cost grows with the heap; what the caller waits for must not.
#include <algorithm>
#include <array>

#include "bench/figures/plot.h"
#include "bench/report/comparison.h"
#include "bench/suites/scenario.h"

namespace phork::bench {
namespace {

using base::Result;
using base::Status;

constexpr std::array<unsigned, 4> kMegabytes = {16, 64, 256, 512};
constexpr std::array kValues = {HeapValues::kSmall, HeapValues::kBig};
// Forks of a large process take long, and repeat themselves from round to round.
constexpr unsigned kMostRounds = 3;
constexpr unsigned kMostEvents = 200;
constexpr unsigned kMostSpaced = 50;
// Of the machine's memory, beside the heap itself, which a child may touch once more.
constexpr unsigned kReserveMb = 512;

std::string label(HeapValues values, unsigned megabytes) {
  return std::string(name_of(values)) + ' ' + std::to_string(megabytes) + " MB";
}

double p50_ms(const Series& series, Measure measure) {
  return static_cast<double>(
             Distribution(pooled(series.samples(Pace::kBackToBack, measure))).p50()) /
         1000;
}

bool has(const Series& series, Measure measure) {
  return !pooled(series.samples(Pace::kBackToBack, measure)).empty();
}

// One line for each measure and kind of values; the measure is the colour, the kind the dash.
Plot make_plot(const std::vector<Series>& all) {
  Plot plot{.title = "fork: cost of an event by size of the zygote's heap (p50)",
            .x_label = "heap, MB",
            .y_label = "ms",
            .lines = {}};
  const std::array<std::pair<Measure, const char*>, 3> measures = {
      {{Measure::kLatency, "latency"}, {Measure::kBilled, "billed"}, {Measure::kReady, "ready"}}};
  for (std::size_t colour = 0; colour < measures.size(); ++colour) {
    const auto& [measure, words] = measures[colour];
    if (!has(all.front(), measure)) continue;
    for (const HeapValues values : kValues) {
      PlotLine line{.label = std::string(words) + ", " + std::string(name_of(values)) + " values",
                    .colour = colour,
                    .dashed = values == HeapValues::kBig,
                    .points = {}};
      for (const unsigned megabytes : kMegabytes) {
        const Series& series = series_of(all, label(values, megabytes));
        line.points.push_back({static_cast<double>(megabytes), p50_ms(series, measure)});
      }
      plot.lines.push_back(std::move(line));
    }
  }
  return plot;
}

}  // namespace

Status measure_size(const Setup& setup, ScenarioReport& report) {
  const std::int64_t available = available_memory_mb();
  if (available < 2 * kMegabytes.back() + kReserveMb) {
    report.skipped = "the machine has only " + std::to_string(available) + " MB of memory to spare";
    return base::ok_status();
  }
  std::vector<Launch> launches;
  for (const HeapValues values : kValues) {
    for (const unsigned megabytes : kMegabytes) {
      launches.push_back(launch(setup, "fork", heap(setup.source, megabytes, values)));
      launches.back().label = label(values, megabytes);
    }
  }
  const auto primed = prime(launches.front(), setup.run);
  if (!primed) return primed.error();
  Run run = setup.run;
  run.effort.rounds = std::min(run.effort.rounds, kMostRounds);
  run.effort.events = std::min(run.effort.events, kMostEvents);
  run.effort.spaced = std::min(run.effort.spaced, kMostSpaced);
  Result<std::vector<Series>> series = interleave(launches, run);
  if (!series) return series.error();
  report.series = std::move(series).value();
  for (const HeapValues values : kValues) {
    const Series& largest = series_of(report.series, label(values, kMegabytes.back()));
    const Series& smallest = series_of(report.series, label(values, kMegabytes.front()));
    report.findings.push_back(compare(largest, smallest, {Measure::kLatency, 50, 1.25}));
  }
  report.figure = draw_svg(make_plot(report.series));
  return base::ok_status();
}

}  // namespace phork::bench
