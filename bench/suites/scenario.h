// SPDX-License-Identifier: MIT
//
// What is run, and which targets hold for it: one list of scenarios, each of which measures
// applications of this project and fills in its part of the report. How it is measured is
// sampling.h's; a scenario that cannot measure returns an Error, and the others still run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/sampling.h"
#include "bench/report/report.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct Setup {
  std::string bootstrap;  // path of the program
  std::string source;     // root of the project, absolute
  std::uint64_t soak_events = 20'000;
  std::vector<std::string> also{};  // strategies measured beside the others, without targets
  std::string recorded_file{};      // ratios of an earlier run
  bool record = false;              // write it instead of comparing with it
  Run run;
};

struct Scenario {
  std::string_view name;
  std::string_view title;
  base::Status (*measure)(const Setup& setup, ScenarioReport& report);
};

std::span<const Scenario> scenarios();

// Stands by itself: what it compares with are no targets but an earlier run.
extern const Scenario kRatios;

ScenarioReport measure(const Scenario& scenario, const Setup& setup);

// A subject of the scenarios: `application` under `strategy`.
Launch launch(const Setup& setup, const std::string& strategy, Application application);

// The scenarios, by file.
base::Status measure_symfony(const Setup& setup, ScenarioReport& report);
base::Status measure_laravel(const Setup& setup, ScenarioReport& report);
base::Status measure_two_ms(const Setup& setup, ScenarioReport& report);
base::Status measure_spares(const Setup& setup, ScenarioReport& report);
base::Status measure_size(const Setup& setup, ScenarioReport& report);
base::Status measure_emulator(const Setup& setup, ScenarioReport& report);
base::Status measure_metrics(const Setup& setup, ScenarioReport& report);
base::Status measure_ratios(const Setup& setup, ScenarioReport& report);
base::Status measure_soak(const Setup& setup, ScenarioReport& report);

}  // namespace phork::bench
