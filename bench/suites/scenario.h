// SPDX-License-Identifier: MIT
//
// The scenarios of phork-bench. Each measures workloads of this project, compares with targets, and
// fills its part of the report. A scenario that cannot measure returns an Error; the others still
// run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/sampling.h"
#include "bench/report/suite_report.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct Setup {
  std::string bootstrap;  // path of the program
  std::string source;     // root of the project, absolute
  std::uint64_t soak_events = 20'000;
  unsigned starts = 5;    // in each round of scenario cold-start, of each that is compared
  std::string bref{};     // folder of a Composer project with bref/bref; "": no rows of Bref
  std::string layer{};    // folder of an unpacked layer of phork, whose cold starts count too
  std::string earlier{};  // path of an earlier bootstrap to compare cold starts with
  std::vector<std::string> also{};  // strategies measured beside the others, without targets
  std::string recorded_file{};      // ratios of an earlier run: bench/recorded.json
  bool record = false;              // write that file instead of comparing with it
  Run run;
};

struct Scenario {
  std::string_view name;
  std::string_view title;
  base::Status (*measure)(const Setup& setup, ScenarioReport& report);
};

std::span<const Scenario> scenarios();

ScenarioReport measure(const Scenario& scenario, const Setup& setup);

Launch launch(const Setup& setup, const std::string& strategy, Workload workload);

using Names = std::vector<std::string>;

// `workload` under each of the strategies and of setup.also, then under Bref's modes where there is
// a Bref.
std::vector<Launch> launches(const Setup& setup, const Workload& workload, Names strategies,
                             const Names& bref_modes = {});

// Measures them by turns and appends their series.
base::Status measure_in_turns(const std::vector<Launch>& launches, const Run& run,
                              ScenarioReport& report);

// The price of a blank slate: latency under `fork` and `rollback` against `inprocess`.
void judge_isolation(ScenarioReport& report);

// page_scenarios.cpp
base::Status measure_symfony(const Setup& setup, ScenarioReport& report);
base::Status measure_laravel(const Setup& setup, ScenarioReport& report);
base::Status measure_two_ms(const Setup& setup, ScenarioReport& report);
base::Status measure_busy(const Setup& setup, ScenarioReport& report);

// ab_scenario.cpp
base::Status measure_ab(const Setup& setup, ScenarioReport& report);

// cold_start.cpp
base::Status measure_cold_start(const Setup& setup, ScenarioReport& report);

// bref_scenarios.cpp
base::Status measure_hello(const Setup& setup, ScenarioReport& report);
base::Status measure_bref(const Setup& setup, ScenarioReport& report);

// memory_scenarios.cpp
base::Status measure_spares(const Setup& setup, ScenarioReport& report);
base::Status measure_size(const Setup& setup, ScenarioReport& report);
base::Status measure_soak(const Setup& setup, ScenarioReport& report);

// overhead_scenarios.cpp
base::Status measure_emulator(const Setup& setup, ScenarioReport& report);
base::Status measure_metrics(const Setup& setup, ScenarioReport& report);
base::Status measure_tracing(const Setup& setup, ScenarioReport& report);

// The runtime of scenario emulator: bootstrap's Runtime API client and each event as its own
// answer. Serves AWS_LAMBDA_RUNTIME_API until the API is gone; returns the exit code.
int run_echo_runtime();

}  // namespace phork::bench
