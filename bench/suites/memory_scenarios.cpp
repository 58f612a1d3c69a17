// SPDX-License-Identifier: MIT
//
// Scenarios about memory. spares: the cost of the ready child that PHORK_REFILL=during keeps. size:
// the same small event from zygotes with ever larger heaps; a fork copies page tables, so its cost
// grows with the heap, and the latency must not. soak: one process serves all events; it must hold
// no more after the last event than after the first thousand.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "bench/figures/line_figure.h"
#include "bench/measure/machine.h"
#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Result;
using base::Status;

constexpr std::array<unsigned, 4> kMegabytes = {16, 64, 256, 512};
constexpr std::array kValues = {HeapValues::kSmall, HeapValues::kBig};
// Forks of a large process take long. Figures of memory hardly differ from round to round.
constexpr unsigned kMostRounds = 3;
constexpr unsigned kMostEvents = 200;
constexpr unsigned kMostSpaced = 50;
// Memory to leave free beside the heap and the copy of it that a child may touch.
constexpr unsigned kReserveMb = 512;

std::string label(HeapValues values, unsigned megabytes) {
  return std::string(name_of(values)) + ' ' + std::to_string(megabytes) + " MB";
}

double p50_ms(const Series& series, Measure measure) {
  return static_cast<double>(pooled_percentile(series.samples(Pace::kBackToBack, measure), 50)) /
         1000;
}

bool has(const Series& series, Measure measure) {
  return !pooled(series.samples(Pace::kBackToBack, measure)).empty();
}

// One line for each measure and kind of values: the colour is the measure, dashes are big values.
LineFigure make_figure(const std::vector<Series>& all) {
  LineFigure figure{.title = "fork: cost of an event by size of the zygote's heap (p50)",
                    .x_label = "heap, MB",
                    .y_label = "ms",
                    .from_zero = true,
                    .lines = {}};

  struct Shown {
    Measure measure;
    const char* name;
    std::size_t colour;
  };

  for (const auto& [measure, name, colour] :
       {Shown{Measure::kLatency, "latency", 3}, Shown{Measure::kBilled, "billed", 0},
        Shown{Measure::kReady, "ready", 4}}) {
    if (!has(all.front(), measure)) continue;
    for (const HeapValues values : kValues) {
      Line line{.label = std::string(name) + ", " + std::string(name_of(values)) + " values",
                .colour = colour,
                .dashed = values == HeapValues::kBig,
                .points = {}};
      for (const unsigned megabytes : kMegabytes) {
        const Series& series = series_of(all, label(values, megabytes));
        line.points.push_back({static_cast<double>(megabytes), p50_ms(series, measure), {}});
      }
      figure.lines.push_back(std::move(line));
    }
  }
  return figure;
}

constexpr double kKbPerMb = 1024;

Launch with_refill(const Setup& setup, const char* refill) {
  Launch one = launch(setup, "fork", symfony_page(setup.source));
  one.label = std::string("refill ") + refill;
  one.environment = {{"PHORK_REFILL", refill}};
  return one;
}

// One row for each round; appends its values to `processes` and `pss_kb`.
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

constexpr std::uint64_t kFirstLook = 1000;
constexpr std::uint64_t kLooks = 20;
// Wait until processes that have just ended are reaped and the number of processes is stable.
constexpr std::chrono::milliseconds kSettleTime = 20ms;
constexpr int kMostTries = 20;

// Growth since the first look that is not a leak. The memory that the allocator keeps between
// events varies by some pages; a leak of only 16 bytes per event makes 300 kB over 20,000 events.
struct Tolerance {
  const char* target;
  std::size_t column;
  const char* unit;
  double limit;
};

constexpr std::array kTolerances = {
    Tolerance{"growth of bootstrap's RSS", 1, "kB", 256},
    Tolerance{"growth of the first worker's RSS", 2, "kB", 256},
    Tolerance{"growth of PSS without files", 3, "kB", 1024},
    Tolerance{"growth of open descriptors", 4, "", 0},
    Tolerance{"growth of processes", 5, "", 0},
};

Table::Row look(const Subject& subject, std::uint64_t served, std::int64_t expected_processes) {
  RuntimeUsage usage;
  for (int i = 0; i < kMostTries; ++i) {
    std::this_thread::sleep_for(kSettleTime);
    usage = subject.usage();
    if (expected_processes == 0 || usage.count() <= expected_processes) break;
  }
  std::vector<double> values;
  for (const std::int64_t value :
       {static_cast<std::int64_t>(served), usage.processes.front().rss_kb, usage.zygote().rss_kb,
        usage.own_pss_kb(), usage.descriptors(), usage.count()}) {
    values.push_back(static_cast<double>(value));
  }
  return {"", std::move(values)};
}

Status serve_all(const Setup& setup, Subject& subject, Table& table) {
  const std::uint64_t total = setup.soak_events;
  const std::uint64_t first = std::min(kFirstLook, total);
  const std::uint64_t step = std::max<std::uint64_t>(1, (total - first) / kLooks);
  std::int64_t processes = 0;
  for (std::uint64_t served = 0; served < total;) {
    const std::uint64_t next = served == 0 ? first : std::min(served + step, total);
    const auto count = static_cast<unsigned>(next - served);
    if (Status good = serve(subject, count, setup.run); !good) return good;
    // Waits for the last `next`, and frees the samples: there may be a million events.
    if (auto dropped = subject.take_samples(); !dropped) return dropped.error();
    served = next;
    table.rows.push_back(look(subject, served, processes));
    processes = static_cast<std::int64_t>(table.rows.front().values.back());
    setup.run.say(std::to_string(served) + " of " + std::to_string(total) + " events");
  }
  return base::ok_status();
}

Status soak(const Setup& setup, const std::string& strategy, ScenarioReport& report) {
  Launch only = launch(setup, strategy, hello(setup.source));
  only.metrics = false;
  const std::unique_ptr<Subject> subject = make_subject(only);
  if (Status started = subject->start(); !started) return started;
  Table table{.title = strategy + ": memory, descriptors and processes",
              .columns = {"events", "bootstrap RSS kB", "worker RSS kB", "PSS w/o files kB",
                          "descriptors", "processes"},
              .rows = {}};
  if (Status served = serve_all(setup, *subject, table); !served) return served;
  const Table::Row& first = table.rows.front();
  const Table::Row& last = table.rows.back();
  const std::string span = "from event " +
                           std::to_string(static_cast<std::int64_t>(first.values[0])) + " to " +
                           std::to_string(static_cast<std::int64_t>(last.values[0]));
  for (const Tolerance& tolerance : kTolerances) {
    const double growth = last.values[tolerance.column] - first.values[tolerance.column];
    report.findings.push_back(
        {strategy + ": " + tolerance.target, tolerance.unit, tolerance.limit, growth, span});
  }
  report.tables.push_back(std::move(table));
  return base::ok_status();
}

}  // namespace

Status measure_spares(const Setup& setup, ScenarioReport& report) {
  const Workload workload = symfony_page(setup.source);
  if (const auto reason = missing(workload)) {
    report.skipped = *reason;
    return base::ok_status();
  }
  const auto primed = prime(launch(setup, "inprocess", workload), setup.run);
  if (!primed) return primed.error();
  Run run = setup.run;
  // Without spaced events, all ready children come from a zygote that has learned from many events.
  run.effort.rounds = std::min(run.effort.rounds, kMostRounds);
  run.effort.spaced = 0;
  const auto series = interleave({with_refill(setup, "before"), with_refill(setup, "during")}, run);
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
    finding.note = "PHORK_REFILL=during has no more processes than PHORK_REFILL=before";
  }
  report.findings = {std::move(finding)};
  return base::ok_status();
}

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
  report.figure = draw_svg(make_figure(report.series));
  return base::ok_status();
}

Status measure_soak(const Setup& setup, ScenarioReport& report) {
  for (const char* strategy : {"fork", "rollback"}) {
    if (Status flat = soak(setup, strategy, report); !flat) return flat;
  }
  return base::ok_status();
}

}  // namespace phork::bench
