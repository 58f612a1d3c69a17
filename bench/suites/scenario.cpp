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
    Scenario{"spares", "what an extra ready child costs", measure_spares},
    Scenario{"size", "what the size of the zygote costs", measure_size},
    Scenario{"emulator", "what the local Lambda adds to an event", measure_emulator},
    Scenario{"metrics", "what a line of metrics costs", measure_metrics},
    Scenario{"soak", "many events: does anything grow", measure_soak},
};

}  // namespace

const Scenario kRatios{"ratios", "what was recorded, and what it is now", measure_ratios};

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

Launch launch(const Setup& setup, const std::string& strategy, Application application) {
  return strategy_launch(setup.bootstrap, strategy, std::move(application));
}

}  // namespace phork::bench
