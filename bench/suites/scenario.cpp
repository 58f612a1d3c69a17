// SPDX-License-Identifier: MIT
#include "bench/suites/scenario.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "bench/subjects/launch.h"

namespace phork::bench {
namespace {

constexpr std::array kScenarios = {
    Scenario{"ab", "ab -c 1 -n 100: the first events of an environment", measure_ab},
    Scenario{"symfony", "a page of Symfony, rendered with Twig", measure_symfony},
    Scenario{"laravel", "a page of Laravel, rendered with Blade, with a session", measure_laravel},
    Scenario{"hello", "a handler that greets", measure_hello},
    Scenario{"bref", "Symfony as a function, and as a script under fpm and bref-fpm", measure_bref},
    Scenario{"two-ms", "a handler that computes for two milliseconds", measure_two_ms},
    Scenario{"busy", "the page of Symfony beside two busy loops", measure_busy},
    Scenario{"cold-start", "from the start of the runtime to its first next", measure_cold_start},
    Scenario{"spares", "the cost of an extra ready child", measure_spares},
    Scenario{"size", "the cost of a large zygote", measure_size},
    Scenario{"emulator", "the cost that the local Lambda adds to an event", measure_emulator},
    Scenario{"metrics", "the cost of a line of metrics", measure_metrics},
    Scenario{"tracing", "what an event pays for its trace", measure_tracing},
    Scenario{"soak", "many events, after which nothing may have grown", measure_soak},
};

}  // namespace

std::span<const Scenario> scenarios() {
  return kScenarios;
}

ScenarioReport measure(const Scenario& scenario, const Setup& setup) {
  ScenarioReport report{.name = std::string(scenario.name), .title = std::string(scenario.title)};
  Setup told = setup;
  told.run.say = [&setup, &report](const std::string& line) {
    setup.run.say(report.name + ": " + line);
  };
  if (base::Status measured = scenario.measure(told, report); !measured) {
    report.failure = measured.error().text;
  }
  return report;
}

Launch launch(const Setup& setup, const std::string& strategy, Workload workload) {
  return strategy_launch(setup.bootstrap, strategy, std::move(workload));
}

std::vector<Launch> launches(const Setup& setup, const Workload& workload, Names strategies,
                             const Names& bref_modes) {
  for (const std::string& strategy : setup.also) {
    if (std::ranges::find(strategies, strategy) == strategies.end()) strategies.push_back(strategy);
  }
  std::vector<Launch> all;
  for (const std::string& strategy : strategies) {
    all.push_back(launch(setup, strategy, workload));
  }
  for (const std::string& mode : bref_modes) {
    if (!setup.bref.empty()) all.push_back(bref_launch(setup.source, mode, workload));
  }
  return all;
}

base::Status measure_in_turns(const std::vector<Launch>& launches, const Run& run,
                              ScenarioReport& report) {
  base::Result<std::vector<Series>> measured = interleave(launches, run);
  if (!measured) return measured.error();
  std::ranges::move(measured.value(), std::back_inserter(report.series));
  return base::ok_status();
}

void judge_isolation(ScenarioReport& report) {
  judge(report, "fork", "inprocess", {Measure::kLatency, 50, 1.3});
  judge(report, "rollback", "inprocess", {Measure::kLatency, 50, 1.1});
}

}  // namespace phork::bench
