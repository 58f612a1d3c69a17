// SPDX-License-Identifier: MIT
//
// Endurance: one process for all events, looked at again and again. What it holds after the first
// thousand events is what it is to hold after the last.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/suites/scenario.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Result;
using base::Status;

constexpr std::uint64_t kFirstLook = 1000;
constexpr std::uint64_t kLooks = 20;
// What ended lately is still being reaped; then the number of processes has settled.
constexpr std::chrono::milliseconds kSettle = 20ms;
constexpr int kMostTries = 20;

// How much more than at the first look is none. Memory: what the allocator keeps at hand between
// events varies by some pages; a leak of even 16 bytes an event is 300 kB over 20,000 events.
struct Tolerance {
  const char* what;
  std::size_t column;
  const char* unit;
  double limit;
};

constexpr std::array kTolerances = {
    Tolerance{"growth of bootstrap's RSS", 1, "kB", 256},
    Tolerance{"growth of the zygote's RSS", 2, "kB", 256},
    Tolerance{"growth of PSS without files, all processes", 3, "kB", 1024},
    Tolerance{"growth of open descriptors", 4, "", 0},
    Tolerance{"growth of processes", 5, "", 0},
};

Table::Row look(const Subject& subject, std::uint64_t served, std::int64_t expected_processes) {
  RuntimeUsage usage;
  for (int i = 0; i < kMostTries; ++i) {
    std::this_thread::sleep_for(kSettle);
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
    // Only to wait for the last `next`, and to keep no samples of a million events.
    if (auto dropped = subject.take_samples(); !dropped) return dropped.error();
    served = next;
    table.rows.push_back(look(subject, served, processes));
    processes = static_cast<std::int64_t>(table.rows.front().values.back());
    setup.run.say(std::to_string(served) + " of " + std::to_string(total) + " events");
  }
  return base::ok_status();
}

}  // namespace

Status measure_soak(const Setup& setup, ScenarioReport& report) {
  Launch only = launch(setup, "fork", hello(setup.source));
  only.metrics = false;
  const std::unique_ptr<Subject> subject = make_subject(only);
  if (Status started = subject->start(); !started) return started;
  Table table{.title = "what the runtime holds",
              .columns = {"events", "bootstrap RSS kB", "zygote RSS kB", "PSS w/o files kB",
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
    report.findings.push_back({tolerance.what, tolerance.unit, tolerance.limit, growth, span});
  }
  report.tables = {std::move(table)};
  return base::ok_status();
}

}  // namespace phork::bench
