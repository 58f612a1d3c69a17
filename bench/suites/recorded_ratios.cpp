// SPDX-License-Identifier: MIT
#include "bench/suites/recorded_ratios.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "bench/figures/text.h"
#include "bench/measure/machine.h"
#include "bench/measure/plain_fork.h"
#include "bench/subjects/launch.h"
#include "bench/suites/workloads.h"
#include "runtime/base/json_writer.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

Result<RecordedRatios> read_document(const simdjson::dom::element& document,
                                     const std::string& source) {
  const auto invalid = [&source](const std::string& expected) {
    return Error{ErrorKind::kInvalid, "bench: read recorded ratios '" + source + "': " + expected};
  };
  RecordedRatios recorded;
  std::string_view date;
  std::string_view machine;
  simdjson::dom::object ratios;
  if (document["date"].get(date) != simdjson::SUCCESS ||
      document["machine"].get(machine) != simdjson::SUCCESS ||
      document["ratios"].get(ratios) != simdjson::SUCCESS) {
    return invalid("expected an object with date, machine and ratios");
  }
  recorded.date = date;
  recorded.machine = machine;
  for (const auto [name, value] : ratios) {
    double ratio = 0;
    if (value.get(ratio) != simdjson::SUCCESS || ratio <= 0) {
      return invalid("ratio '" + std::string(name) + "': expected a number above 0");
    }
    recorded.ratios.push_back({std::string(name), ratio, {}});
  }
  return recorded;
}

bool is_time_of_fork(const NamedRatio& ratio) {
  return ratio.name.find(": fork ") != std::string::npos &&
         ratio.name.find("_us ") != std::string::npos;
}

// 1 where nothing is known.
double slowness_of_forks(const std::vector<NamedRatio>& measured, const RecordedRatios& recorded) {
  const auto now = std::ranges::find(measured, kPlainFork, &NamedRatio::name);
  const auto then = std::ranges::find(recorded.ratios, kPlainFork, &NamedRatio::name);
  if (now == measured.end() || then == recorded.ratios.end()) return 1;
  return std::max(1.0, now->ratio / then->ratio);
}

Finding compare_one(const NamedRatio& measured, const RecordedRatios& recorded, double slowness) {
  Finding finding{.target = measured.name, .unit = "x"};
  const auto found = std::ranges::find(recorded.ratios, measured.name, &NamedRatio::name);
  if (measured.name == kPlainFork && found != recorded.ratios.end()) {
    finding.limit = found->ratio;
    append_format(finding.note, "%.2f, not phork's", measured.ratio);
    return finding;
  }
  if (found == recorded.ratios.end()) {
    append_format(finding.note, "%.2f, and no ratio recorded to compare with", measured.ratio);
    return finding;
  }
  finding.limit = found->ratio * kRecordedSlack * (is_time_of_fork(measured) ? slowness : 1);
  finding.measured = measured.interval.low;
  append_format(finding.note, "%.2f, 95 %%: %.2f-%.2f; recorded %.2f", measured.ratio,
                measured.interval.low, measured.interval.high, found->ratio);
  return finding;
}

// PHP's own web server: its ratio shows a slow-down that affects all strategies alike.
constexpr std::string_view kWebServer = "php-server";

NamedRatio ratio_of(const std::string& name, const Rounds& of, const Rounds& to) {
  return {name, ratio_of_percentiles(of, to, 50), ratio_interval(of, to)};
}

void add_ratios(const std::string& workload, const std::vector<Series>& all,
                std::vector<NamedRatio>& ratios) {
  const Series& inprocess = series_of(all, "inprocess");
  const auto add_measure = [&](const Series& of, Measure measure, const Series& to) {
    ratios.push_back(ratio_of(
        workload + ": " + of.label + ' ' + std::string(name_of(measure)) + " / " + to.label,
        of.samples(Pace::kBackToBack, measure), to.samples(Pace::kBackToBack, measure)));
  };
  const auto add_figure = [&](const Series& of, Figure figure) {
    ratios.push_back(
        ratio_of(workload + ": " + of.label + ' ' + std::string(name_of(figure)) + " / inprocess",
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
                                            const std::vector<Workload>& workloads,
                                            ScenarioReport& report) {
  const std::string worker = setup.bootstrap.substr(0, setup.bootstrap.rfind('/')) + "/php-worker";
  std::vector<NamedRatio> ratios{{std::string(kPlainFork), plain_fork_per_computation(), {}}};
  report.series.clear();
  for (const Workload& workload : workloads) {
    std::vector<Launch> launches;
    for (const char* strategy : {"inprocess", "fork", "fpm"}) {
      launches.push_back(launch(setup, strategy, workload));
    }
    Result<Launch> server = baseline_launch(kWebServer, worker, workload);
    if (server) launches.push_back(std::move(server).value());
    if (const auto primed = prime(launches, setup.run); !primed) return primed.error();
    Result<std::vector<Series>> measured = interleave(launches, setup.run);
    if (!measured) return measured.error();
    add_ratios(workload.name, measured.value(), ratios);
    for (Series& series : measured.value()) {
      series.label.insert(0, workload.name + ' ');
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
  return write_file(setup.recorded_file, to_json(recorded) + '\n');
}

bool misses(const std::vector<Finding>& findings) {
  return std::ranges::any_of(
      findings, [](const Finding& each) { return each.verdict() == Verdict::kMissed; });
}

}  // namespace

Result<RecordedRatios> read_recorded_ratios(const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto code = parser.load(path).get(document); code != simdjson::SUCCESS) {
    return Error{code == simdjson::IO_ERROR ? ErrorKind::kSystem : ErrorKind::kInvalid,
                 "bench: read recorded ratios '" + path + "': " + simdjson::error_message(code)};
  }
  return read_document(document, path);
}

std::string to_json(const RecordedRatios& recorded) {
  const auto quoted = [](std::string_view text) {
    return std::move(base::JsonWriter().string(text)).text();
  };
  std::string json = "{\n  \"date\": " + quoted(recorded.date) +
                     ",\n  \"machine\": " + quoted(recorded.machine) + ",\n  \"ratios\": {";
  const char* separator = "\n";
  for (const NamedRatio& each : recorded.ratios) {
    append_format(json, "%s    %s: %.3f", std::exchange(separator, ",\n"),
                  quoted(each.name).c_str(), each.ratio);
  }
  return json + "\n  }\n}";
}

std::vector<Finding> compare_with_recorded(const std::vector<NamedRatio>& measured,
                                           const RecordedRatios& recorded) {
  std::vector<Finding> findings;
  findings.reserve(measured.size());
  const double slowness = slowness_of_forks(measured, recorded);
  for (const NamedRatio& each : measured) {
    findings.push_back(compare_one(each, recorded, slowness));
  }
  return findings;
}

namespace {

Status measure_ratios(const Setup& setup, ScenarioReport& report) {
  std::vector<Workload> workloads{script(setup.source)};
  if (const Workload symfony = symfony_page(setup.source); !missing(symfony)) {
    workloads.push_back(symfony);
  }
  Result<std::vector<NamedRatio>> measured = measure_all(setup, workloads, report);
  if (!measured) return measured.error();
  if (setup.record) return record(setup, std::move(measured).value());
  const Result<RecordedRatios> recorded = read_recorded_ratios(setup.recorded_file);
  if (!recorded) return recorded.error();
  report.findings = compare_with_recorded(measured.value(), recorded.value());
  if (!misses(report.findings)) return base::ok_status();
  // One run may be slow by chance; a real slow-down shows twice.
  setup.run.say("measuring again to confirm");
  measured = measure_all(setup, workloads, report);
  if (!measured) return measured.error();
  report.findings = compare_with_recorded(measured.value(), recorded.value());
  return base::ok_status();
}

}  // namespace

const Scenario kRatios{"ratios", "recorded ratios and current ones", measure_ratios};

}  // namespace phork::bench
