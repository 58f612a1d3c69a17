// SPDX-License-Identifier: MIT
#include "bench/suites/scenario.h"

#include <array>
#include <utility>

#include "bench/subjects/launch.h"

namespace phork::bench {
namespace {

constexpr std::array kScenarios = {
    Scenario{"symfony", "a page of Symfony, rendered with Twig", measure_symfony},
    Scenario{"laravel", "a page of Laravel, rendered with Blade, with a session", measure_laravel},
    Scenario{"two-ms", "a handler that computes for two milliseconds", measure_two_ms},
    Scenario{"spares", "the cost of an extra ready child", measure_spares},
    Scenario{"size", "the cost of a large zygote", measure_size},
    Scenario{"emulator", "the cost that the local Lambda adds to an event", measure_emulator},
    Scenario{"metrics", "the cost of a line of metrics", measure_metrics},
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

}  // namespace phork::bench
