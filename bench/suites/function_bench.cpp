// SPDX-License-Identifier: MIT
#include "bench/suites/function_bench.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "bench/report/suite_report.h"
#include "bench/subjects/launch.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

// A subject to be measured.
struct Contestant {
  SubjectReport report;          // as far as it is known before
  std::optional<Launch> launch;  // empty: left out
};

Workload workload_of(const FunctionPlan& plan) {
  const std::filesystem::path root(plan.function.task_root);
  return {.name = root.filename().string(),
          .task_root = plan.function.task_root,
          .handler = plan.function.handler,
          .payload = plan.payload,
          .expected_text = {}};
}

Slate slate_of(const StrategyChoice& choice) {
  if (!choice.isolates) return Slate::kShared;
  return choice.name == "fpm" ? Slate::kPhpFpm : Slate::kBlank;
}

void add_strategies(const FunctionPlan& plan, std::vector<Contestant>& all) {
  for (const StrategyChoice& choice : plan.strategies) {
    Contestant contestant{{.label = choice.name, .letter = std::string(1, choice.letter)}, {}};
    contestant.report.slate = slate_of(choice);
    contestant.report.ours = true;
    contestant.launch = strategy_launch(plan.function.program, choice.name, workload_of(plan));
    all.push_back(std::move(contestant));
  }
}

Status add_commands(const FunctionPlan& plan, std::vector<Contestant>& all) {
  for (const std::string& against : plan.against) {
    Result<Launch> launch = command_launch(against, workload_of(plan));
    if (!launch) return launch.error();
    Contestant contestant{{.label = launch->label}, {}};
    contestant.report.command = against.substr(against.find('=') + 1);
    contestant.launch = std::move(launch).value();
    all.push_back(std::move(contestant));
  }
  return base::ok_status();
}

std::string worker_of(const FunctionPlan& plan) {
  return (std::filesystem::path(plan.function.program).parent_path() / "php-worker").string();
}

// Empty when php-worker does not tell.
std::string version_of(const std::string& worker) {
  constexpr std::chrono::seconds kVersionTimeout{10};
  process::SpawnOptions options;
  options.program = worker;
  options.arguments = {worker, "--version"};
  options.environment = process::current_environment();
  const auto output =
      process::run_to_end(std::move(options), kVersionTimeout, process::ErrorStream::kOurs);
  if (!output || !output->succeeded()) return {};
  return output->text.substr(0, output->text.find('\n'));
}

Status add_baselines(const FunctionPlan& plan, std::vector<Contestant>& all) {
  const std::string worker = worker_of(plan);
  for (const std::string& name : plan.baselines) {
    Contestant contestant{{.label = name}, {}};
    Result<Launch> launch = baseline_launch(name, worker, workload_of(plan));
    if (launch) {
      contestant.launch = std::move(launch).value();
    } else if (launch.error().kind == ErrorKind::kRefused) {
      contestant.report.missing = launch.error().text;
    } else {
      return launch.error();
    }
    all.push_back(std::move(contestant));
  }
  return base::ok_status();
}

Result<std::vector<Contestant>> contestants_of(const FunctionPlan& plan) {
  std::vector<Contestant> all;
  add_strategies(plan, all);
  if (Status added = add_commands(plan, all); !added) return added.error();
  if (Status added = add_baselines(plan, all); !added) return added.error();
  std::set<std::string> labels;
  for (Contestant& contestant : all) {
    if (contestant.launch) contestant.launch->memory_mb = plan.function.memory_mb;
    if (labels.insert(contestant.report.label).second) continue;
    return Error{ErrorKind::kInvalid,
                 "bench: name '" + contestant.report.label + "': expected different names"};
  }
  return all;
}

// Serves one event, so that a subject that does not work is left out before the others are
// measured.
Status try_out(const Launch& launch) {
  const std::unique_ptr<Subject> subject = make_subject(launch);
  if (Status started = subject->start(); !started) return started;
  const Result<Answer> answer = subject->invoke();
  return answer ? base::ok_status() : Status(answer.error());
}

// Leaves out subjects that do not work. An Error when none works.
Status try_all(std::vector<Contestant>& all, const Run& run) {
  std::optional<Error> first;
  bool any = false;
  for (Contestant& contestant : all) {
    if (Status wanted = run.go_on(); !wanted) return wanted;
    if (!contestant.launch) continue;
    run.say("trying " + contestant.report.label);
    const Status tried = try_out(*contestant.launch);
    any = any || tried.ok();
    if (tried) continue;
    contestant.report.missing = tried.error().text;
    contestant.report.failed = true;
    contestant.launch.reset();
    if (!first) first = Error{ErrorKind::kRefused, tried.error().text};
  }
  if (any) return base::ok_status();
  return first ? *first
               : Error{ErrorKind::kInvalid, "bench: measure: expected a subject, got none"};
}

std::vector<Launch> launches_of(const std::vector<Contestant>& all) {
  std::vector<Launch> launches;
  for (const Contestant& contestant : all) {
    if (contestant.launch) launches.push_back(*contestant.launch);
  }
  return launches;
}

Status measure_all(std::vector<Contestant>& all, const Run& run, FunctionReport& report) {
  const std::vector<Launch> launches = launches_of(all);
  run.say("warming up");
  if (auto primed = prime(launches, run); !primed) return primed.error();
  Result<std::vector<Series>> series = interleave(launches, run);
  if (!series) return series.error();
  report.remarks = differences(series.value());
  auto next = series->begin();
  for (Contestant& contestant : all) {
    if (!contestant.launch) continue;
    contestant.report.series = std::move(*next++);
    contestant.report.figures = figures_of(contestant.report.series);
  }
  return base::ok_status();
}

Status ask_by_ab(const FunctionPlan& plan, std::vector<Contestant>& all, const Run& run) {
  for (Contestant& contestant : all) {
    if (plan.ab.empty() || !contestant.launch || !contestant.report.ours) continue;
    if (Status wanted = run.go_on(); !wanted) return wanted;
    run.say("ab: " + contestant.report.label);
    emulator::FunctionConfig function = plan.function;
    process::set_variable(function.environment, "PHORK_STRATEGY", contestant.report.label);
    const Result<LoadResult> result = run_ab(plan.ab, function, {.path = plan.path});
    if (!result) {
      return Error{result.error().kind,
                   result.error().text + " (under " + contestant.report.label + ")"};
    }
    contestant.report.ab = result.value();
  }
  return base::ok_status();
}

std::vector<unsigned> memory_sizes(unsigned chosen) {
  std::vector<unsigned> sizes = CostOptions{}.memory_mb;
  if (std::ranges::find(sizes, chosen) == sizes.end()) sizes.push_back(chosen);
  std::ranges::sort(sizes);
  return sizes;
}

void add_costs(const FunctionPlan& plan, const Run& run, FunctionReport& report) {
  std::vector<StrategyProfile> profiles;
  for (const SubjectReport* subject : report.measured()) {
    if (auto profile = profile_of(subject->series)) profiles.push_back(*std::move(profile));
  }
  if (profiles.empty()) return;
  report.cost =
      cost_table(profiles, plan.prices, {.memory_mb = memory_sizes(plan.function.memory_mb)});
  report.simulation.memory_mb = plan.function.memory_mb;
  for (const ArrivalPlan& arrivals : plan.arrivals) {
    run.say("simulating " + arrivals.spec);
    report.arrivals.push_back(
        {arrivals, simulate(arrivals, profiles, plan.prices, report.simulation)});
  }
}

Candidate candidate_of(const FunctionReport& report, const SubjectReport& subject) {
  const MillionEvents* price = report.price_of(subject.label);
  return {.label = subject.label,
          .eligible = subject.ours,
          .isolates = subject.slate == Slate::kBlank || subject.slate == Slate::kPhpFpm,
          .resets_all = subject.slate == Slate::kBlank,
          .latency_us = subject.series.samples(Pace::kBackToBack, Measure::kLatency),
          .billed_us = subject.series.samples(Pace::kBackToBack, Measure::kBilled),
          .cold_starts_us = cold_starts_with_event_us(subject.series),
          .memory_kb = subject.figures.memory_kb,
          .usd_per_million = price == nullptr ? 0 : price->total_usd};
}

}  // namespace

Result<FunctionReport> bench_function(const FunctionPlan& plan, const Run& run) {
  const auto started = std::chrono::steady_clock::now();
  Result<std::vector<Contestant>> all = contestants_of(plan);
  if (!all) return all.error();
  if (Status tried = try_all(all.value(), run); !tried) return tried.error();
  FunctionReport report{.task_root = plan.function.task_root,
                        .handler = plan.function.handler,
                        .event = plan.event,
                        .date = today(),
                        .memory_mb = plan.function.memory_mb,
                        .concurrency = run.effort.concurrency,
                        .runtime = version_of(worker_of(plan)),
                        .machine = describe_machine(""),
                        .effort = run.effort};
  if (Status measured = measure_all(all.value(), run, report); !measured) return measured.error();
  if (Status asked = ask_by_ab(plan, all.value(), run); !asked) return asked.error();
  for (Contestant& contestant : all.value()) {
    report.subjects.push_back(std::move(contestant.report));
  }
  add_costs(plan, run, report);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  report.seconds = took.count();
  return report;
}

void conclude(FunctionReport& report, SharingAudit audit) {
  report.audit = std::move(audit);
  std::vector<Candidate> candidates;
  for (const SubjectReport* subject : report.measured()) {
    candidates.push_back(candidate_of(report, *subject));
  }
  report.recommendation = recommend(candidates, report.audit);
  constexpr int kFirstClientError = 400;
  for (const SubjectReport* subject : report.measured()) {
    const int status = subject->series.answer.status;
    if (status < kFirstClientError) continue;
    report.recommendation.cautions.push_back("The event was answered with status " +
                                             std::to_string(status) +
                                             ": check that this is an event that you care about.");
    break;
  }
}

}  // namespace phork::bench
