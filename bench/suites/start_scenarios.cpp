// SPDX-License-Identifier: MIT
//
// Scenarios about the beginning of an environment. ab: its first hundred events as ab's caller sees
// them. cold-start: the time until it asks for the first, and the parts of that time.
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/mount.h>
#include <utility>

#include "bench/measure/load_tool.h"
#include "bench/subjects/launch.h"
#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Result;
using base::Status;

constexpr double kUsPerMs = 1000;
constexpr unsigned kStartsPerRound = 5;
constexpr std::chrono::seconds kLoadTimeout{10};

std::string beside(const Setup& setup, const char* program) {
  return setup.bootstrap.substr(0, setup.bootstrap.rfind('/') + 1) + program;
}

// The file cache of a workload (PHORK_FILE_CACHE), made as for a package and read-only as on
// Lambda. That takes a mount, and so root (main.cpp); otherwise code is compiled in each start.
class PackagedCode : private base::Pinned {
 public:
  PackagedCode(const Setup& setup, const Launch& launch)
      : folder_((std::filesystem::temp_directory_path() / "phork-code-XXXXXX").string()) {
    if (::mkdtemp(folder_.data()) == nullptr) return;
    process::SpawnOptions options;
    options.program = beside(setup, "php-worker");
    options.arguments = {"php-worker", "--compile"};
    options.environment = environment_of(launch);
    process::set_variable(options.environment, "_HANDLER", launch.workload.handler);
    process::set_variable(options.environment, "LAMBDA_TASK_ROOT", launch.workload.task_root);
    process::set_variable(options.environment, "PHORK_FILE_CACHE", folder_);
    const auto compiled =
        process::run_to_end(std::move(options), kLoadTimeout, process::ErrorStream::kWithOutput);
    const char* const path = folder_.c_str();
    is_ready_ = compiled && compiled->succeeded() &&
                ::mount(path, path, nullptr, MS_BIND, nullptr) == 0 &&
                ::mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    if (!is_ready_) setup.run.say("no file cache, which only root can make read-only");
  }

  ~PackagedCode() {
    ::umount2(folder_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void add_to(Launch& launch) const {
    if (is_ready_) launch.environment.emplace_back("PHORK_FILE_CACHE", folder_);
  }

 private:
  std::string folder_;
  bool is_ready_ = false;
};

Result<Round> ask_by_ab(const std::string& ab, const Launch& launch) {
  const auto load = run_ab(ab, function_of(launch), {.warm_up = 0, .path = kSymfonyPath});
  if (!load) return load.error();
  Round round;
  for (const std::int64_t time_us : load->percentiles_us) {
    round.back_to_back.push_back({.latency_us = time_us});
  }
  round.cold_start_us = static_cast<std::int64_t>(load->cold_start_ms * kUsPerMs);
  return round;
}

// The 90th percentile as a multiple of the median of the same series.
Finding judge_p90(const Series& series, double limit) {
  const Rounds rounds = series.samples(Pace::kBackToBack, Measure::kLatency);
  return {.target = series.label + " latency p90 / its p50",
          .unit = "x",
          .limit = limit,
          .measured = static_cast<double>(pooled_percentile(rounds, 90)) /
                      static_cast<double>(pooled_percentile(rounds, 50)),
          .note = "all rounds together"};
}

double median_of(const Samples& samples) {
  return static_cast<double>(percentile(samples, 50));
}

// The whole cold start and, where the handler tells when it was reached, its two parts.
Table::Row row_of(const Series& series) {
  Samples to_handler;
  Samples to_next;
  for (const Round& round : series.rounds) {
    const auto handler_us = number_in(round.answer, "to_handler_us");
    if (!handler_us) break;
    to_handler.push_back(*handler_us);
    to_next.push_back(round.cold_start_us - *handler_us);
  }
  Table::Row row{series.label, {median_of(series.cold_starts_us())}};
  if (to_handler.empty()) return row;
  row.values.insert(row.values.end(), {median_of(to_handler), median_of(to_next)});
  return row;
}

// Rounds with nothing but the start and one event, and therefore more of them.
Status start_in_turns(const std::vector<Launch>& launches, Run run, ScenarioReport& report) {
  if (const auto primed = prime(launches, run); !primed) return primed.error();
  run.effort = {
      .rounds = kStartsPerRound * run.effort.rounds, .warm_up = 0, .events = 0, .spaced = 0};
  const std::size_t measured = report.series.size();
  if (Status started = measure_in_turns(launches, run, report); !started) return started;
  for (std::size_t i = measured; i < report.series.size(); ++i) {
    report.tables.front().rows.push_back(row_of(report.series[i]));
  }
  return base::ok_status();
}

// The part of every cold start that loads the program and its libraries: a run that does no work.
Status load_alone(const std::string& program, const char* argument, const Run& run,
                  ScenarioReport& report) {
  Samples took;
  for (unsigned i = 0; i < kStartsPerRound * run.effort.rounds; ++i) {
    const auto started = std::chrono::steady_clock::now();
    process::SpawnOptions options;
    options.program = program;
    options.arguments = {program, argument};
    const auto output =
        process::run_to_end(std::move(options), kLoadTimeout, process::ErrorStream::kWithOutput);
    if (!output) return output.error();
    const auto ended = std::chrono::steady_clock::now() - started;
    took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(ended).count());
  }
  report.tables.front().rows.push_back(
      {program.substr(program.rfind('/') + 1) + " alone", {median_of(took)}});
  return base::ok_status();
}

void judge_start(const std::string& of, const std::string& to, double limit,
                 ScenarioReport& report) {
  report.findings.push_back(
      compare_cold_starts(series_of(report.series, of), series_of(report.series, to), limit));
}

// The page with its rehearsal, against the limits that the design set from the first edition's
// cold starts on its machine, or, in one run, against an earlier bootstrap.
Status start_page(const Setup& setup, ScenarioReport& report) {
  constexpr double kOfEarlier = 0.45;
  constexpr std::array<std::pair<const char*, double>, 2> kEarlierMs{
      {{"inprocess", 55}, {"fork", 67}}};
  std::vector<Launch> all;
  const PackagedCode code(setup, launch(setup, "inprocess", symfony_page(setup.source)));
  for (const auto& [strategy, ms] : kEarlierMs) {
    all.push_back(launch(setup, strategy, symfony_page(setup.source)));
    all.back().label.insert(0, "symfony ");
    code.add_to(all.back());
    if (setup.earlier.empty()) continue;
    all.push_back(strategy_launch(setup.earlier, strategy, symfony_page(setup.source)));
    all.back().label.insert(0, "earlier ");
  }
  if (Status started = start_in_turns(all, setup.run, report); !started) return started;
  for (const auto& [strategy, ms] : kEarlierMs) {
    const std::string label = std::string("symfony ") + strategy;
    if (!setup.earlier.empty()) {
      judge_start(label, std::string("earlier ") + strategy, kOfEarlier, report);
      continue;
    }
    report.findings.push_back(
        {.target = label + " cold start p50",
         .unit = "ms",
         .limit = kOfEarlier * ms,
         .measured = median_of(series_of(report.series, label).cold_starts_us()) / kUsPerMs,
         .note = "0.45 x that of 0.1.0 on one machine; --earlier compares in one run"});
  }
  return base::ok_status();
}

}  // namespace

Status measure_ab(const Setup& setup, ScenarioReport& report) {
  const Workload page = symfony_page(setup.source);
  const Result<std::string> ab = find_ab();
  if (!ab) report.skipped = ab.error().text;
  if (const auto reason = missing(page)) report.skipped = *reason;
  if (!report.skipped.empty()) return base::ok_status();
  const std::vector<Launch> all = launches(setup, page, {"inprocess", "fork", "rollback", "fpm"});
  if (const auto primed = prime(all, setup.run); !primed) return primed.error();
  for (const Launch& each : all) report.series.push_back({each.label, each.strategy, {}});
  for (unsigned round = 1; round <= setup.run.effort.rounds; ++round) {
    setup.run.say("round " + std::to_string(round));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (Status wanted = setup.run.go_on(); !wanted) return wanted;
      Result<Round> asked = ask_by_ab(ab.value(), all[i]);
      if (!asked) return asked.error();
      report.series[i].rounds.push_back(std::move(asked).value());
    }
  }
  judge(report, "fork", "fpm", {Measure::kLatency, 50, 1.2});
  judge(report, "rollback", "fpm", {Measure::kLatency, 50, 0.45});
  for (const char* strategy : {"fork", "rollback"}) {
    report.findings.push_back(judge_p90(series_of(report.series, strategy), 2));
  }
  return base::ok_status();
}

Status measure_cold_start(const Setup& setup, ScenarioReport& report) {
  report.tables = {{"cold start and its parts, p50 in us", {"whole", "to handler", "to next"}, {}}};
  for (const auto& [program, argument] :
       {std::pair{"bootstrap", "--list-strategies"}, std::pair{"php-worker", "--version"}}) {
    Status loaded = load_alone(beside(setup, program), argument, setup.run, report);
    if (!loaded) return loaded;
  }
  std::vector<Launch> all =
      launches(setup, hello(setup.source), {"inprocess", "fork", "rollback"}, {"loop"});
  const PackagedCode code(setup, all.front());
  for (Launch& each : all) {
    if (!each.strategy.empty()) code.add_to(each);
  }
  if (Status started = start_in_turns(all, setup.run, report); !started) return started;
  if (!setup.bref.empty()) {
    judge_start("inprocess", "bref-loop", 1.1, report);
    judge_start("fork", "bref-loop", 1.3, report);
  }
  return missing(symfony_page(setup.source)) ? base::ok_status() : start_page(setup, report);
}

}  // namespace phork::bench
