// SPDX-License-Identifier: MIT
//
// Ratios: a short run beside what an earlier one recorded, so that a slow-down is seen. What slows
// all strategies alike shows against PHP's own web server, which is none of ours.
#include <algorithm>
#include <fstream>

#include "bench/figures/append_format.h"
#include "bench/report/comparison.h"
#include "bench/report/recorded_ratios.h"
#include "bench/subjects/launch.h"
#include "bench/suites/scenario.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kWebServer = "php-server";

NamedRatio ratio_of(const std::string& name, const Rounds& of, const Rounds& to) {
  return {name, ratio_of_percentiles(of, to, 50), ratio_interval(of, to)};
}

// The figures of each round as rounds of one sample.
Rounds rounds_of(const Series& series, Figure figure) {
  Rounds rounds;
  for (const double value : series.figures(figure)) {
    rounds.push_back({static_cast<std::int64_t>(value)});
  }
  return rounds;
}

void add_ratios(const std::string& application, const std::vector<Series>& all,
                std::vector<NamedRatio>& ratios) {
  const Series& inprocess = series_of(all, "inprocess");
  const auto add_measure = [&](const Series& of, Measure measure, const Series& to) {
    ratios.push_back(ratio_of(
        application + ": " + of.label + ' ' + std::string(name_of(measure)) + " / " + to.label,
        of.samples(Pace::kBackToBack, measure), to.samples(Pace::kBackToBack, measure)));
  };
  const auto add_figure = [&](const Series& of, Figure figure) {
    ratios.push_back(ratio_of(
        application + ": " + of.label + ' ' + std::string(name_of(figure)) + " / inprocess",
        rounds_of(of, figure), rounds_of(inprocess, figure)));
  };
  const Series& fork = series_of(all, "fork");
  add_measure(fork, Measure::kLatency, inprocess);
  add_measure(fork, Measure::kBilled, inprocess);
  add_measure(series_of(all, "fpm"), Measure::kLatency, inprocess);
  for (const Figure figure : {Figure::kColdStart, Figure::kCpu, Figure::kMemory}) {
    add_figure(fork, figure);
  }
  for (const Series& each : all) {
    if (each.label == kWebServer) add_measure(inprocess, Measure::kLatency, each);
  }
}

Result<std::vector<NamedRatio>> measure_all(const Setup& setup,
                                            const std::vector<Application>& applications,
                                            ScenarioReport& report) {
  const std::string worker = setup.bootstrap.substr(0, setup.bootstrap.rfind('/')) + "/php-worker";
  std::vector<NamedRatio> ratios;
  report.series.clear();
  for (const Application& application : applications) {
    std::vector<Launch> launches;
    for (const char* strategy : {"inprocess", "fork", "fpm"}) {
      launches.push_back(launch(setup, strategy, application));
    }
    Result<Launch> server = baseline_launch(kWebServer, worker, application);
    if (server) launches.push_back(std::move(server).value());
    if (const auto primed = prime(launches, setup.run); !primed) return primed.error();
    Result<std::vector<Series>> measured = interleave(launches, setup.run);
    if (!measured) return measured.error();
    add_ratios(application.name, measured.value(), ratios);
    for (Series& series : measured.value()) {
      series.label.insert(0, application.name + ' ');
      report.series.push_back(std::move(series));
    }
  }
  return ratios;
}

Status record(const Setup& setup, std::vector<NamedRatio> ratios) {
  const Machine machine = describe_machine({});
  RecordedRatios recorded{today(), {}, std::move(ratios)};
  append_format(recorded.machine, "%lld cores, %s, %s", static_cast<long long>(machine.cores),
                machine.processor.c_str(), machine.kernel.c_str());
  std::ofstream file(setup.recorded_file, std::ios::trunc);
  file << to_json(recorded) << '\n' << std::flush;
  if (file) return base::ok_status();
  return Error{ErrorKind::kSystem,
               "bench: write '" + setup.recorded_file + "': expected a file that can be written"};
}

bool misses(const std::vector<Finding>& findings) {
  return std::ranges::any_of(
      findings, [](const Finding& each) { return each.verdict() == Verdict::kMissed; });
}

}  // namespace

Status measure_ratios(const Setup& setup, ScenarioReport& report) {
  std::vector<Application> applications{script(setup.source)};
  if (const Application symfony = symfony_page(setup.source); !missing(symfony)) {
    applications.push_back(symfony);
  }
  Result<std::vector<NamedRatio>> measured = measure_all(setup, applications, report);
  if (!measured) return measured.error();
  if (setup.record) return record(setup, std::move(measured).value());
  const Result<RecordedRatios> recorded = read_recorded_ratios(setup.recorded_file);
  if (!recorded) return recorded.error();
  report.findings = compare_with_recorded(measured.value(), recorded.value());
  if (!misses(report.findings)) return base::ok_status();
  // A machine may stumble once. What is slower is slower twice.
  setup.run.say("measuring again, to be sure");
  measured = measure_all(setup, applications, report);
  if (!measured) return measured.error();
  report.findings = compare_with_recorded(measured.value(), recorded.value());
  return base::ok_status();
}

}  // namespace phork::bench
