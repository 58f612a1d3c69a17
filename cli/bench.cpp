// SPDX-License-Identifier: MIT
#include "cli/bench.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "audit/auditor.h"
#include "audit/function.h"
#include "audit/strategy_list.h"
#include "bench/measure/load_tool.h"
#include "bench/report/report_html.h"
#include "bench/report/report_json.h"
#include "bench/report/report_text.h"
#include "bench/subjects/launch.h"
#include "bench/suites/function_bench.h"
#include "cli/bench_deployed.h"
#include "cli/command.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "emulator/observe/log_sink.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using bench::SharingAudit;

// Ten rounds of five strategies then take about a minute and a half on two processors.
constexpr unsigned kWarmUp = 15;
constexpr unsigned kSpaced = 30;
constexpr std::chrono::milliseconds kPause{10};
constexpr std::chrono::milliseconds kThroughputTime{250};
constexpr std::chrono::milliseconds kPartLimit{450};

constexpr const char* kHelp =
    "Subjects take turns in rounds; each round starts a fresh process of each. The time of a round "
    "is\nlimited, so slow subjects get fewer events. Without --event and --path, a handler that "
    "names a\nfunction gets the event {}, and one that names a file gets the request GET /. The "
    "shell runs a\ncommand of --against in DIR with Lambda's environment; the command has to speak "
    "the Runtime API.\n\n"
    "Exit code: 0 when everything was measured, 1 when the function did not serve the event under "
    "a\nstrategy, 100 when the command was used wrongly, 111 when measuring failed.";

// The options that go with --url and --log.
constexpr std::array<std::string_view, 6> kForDeployed{"--help", "--url",    "--log",
                                                       "--json", "--events", "--concurrency"};

struct ChosenEvent {
  std::string payload;
  std::string words;
  std::string path;  // of a request
};

Result<ChosenEvent> choose_event(const BenchOptions& options, const std::string& handler) {
  if (!options.event_file.empty() && !options.path.empty()) {
    return invalid("choose event", options.event_file, "expected --event or --path, got both");
  }
  if (!options.event_file.empty()) {
    Result<std::string> payload = read_event_file(options.event_file);
    if (!payload) return payload.error();
    return ChosenEvent{std::move(payload).value(), "event " + options.event_file, ""};
  }
  if (options.path.empty() && !handler.ends_with(".php")) return ChosenEvent{"{}", "event {}", ""};
  const std::string path = options.path.empty() ? "/" : options.path;
  Result<std::string> payload = request_event({"GET " + path, {}});
  if (!payload) return payload.error();
  return ChosenEvent{std::move(payload).value(), "GET " + path, path};
}

// Without names, all of them.
Result<std::vector<bench::StrategyChoice>> choose_strategies(const std::string& bootstrap,
                                                             const std::string& words) {
  Result<std::vector<audit::StrategyName>> offered = audit::offered_strategies(bootstrap);
  if (offered && !words.empty()) offered = audit::choose_strategies(offered.value(), words);
  if (!offered) return offered.error();
  std::vector<bench::StrategyChoice> chosen;
  for (const audit::StrategyName& strategy : offered.value()) {
    chosen.push_back({strategy.letter, strategy.name, strategy.isolates});
  }
  return chosen;
}

std::vector<std::string> choose_baselines(const std::string& words) {
  std::vector<std::string> chosen;
  if (words == "all") return {bench::baselines().begin(), bench::baselines().end()};
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = std::min(words.find(',', begin), words.size());
    chosen.push_back(words.substr(begin, end - begin));
    begin = end + 1;
  }
  return chosen;
}

Status add_costs(const BenchOptions& options, bench::FunctionPlan& plan) {
  plan.prices = bench::published_prices();
  if (!options.prices_file.empty()) {
    Result<bench::Prices> prices = bench::read_prices(options.prices_file);
    if (!prices) return prices.error();
    plan.prices = std::move(prices).value();
  }
  for (const std::string& spec : options.arrivals) {
    Result<bench::ArrivalPlan> arrivals = bench::parse_arrivals(spec);
    if (!arrivals) return arrivals.error();
    plan.arrivals.push_back(std::move(arrivals).value());
  }
  return base::ok_status();
}

Status add_ab(bench::FunctionPlan& plan) {
  if (plan.path.empty()) {
    return invalid("use ab for", plan.event, "expected a request; give one with --path");
  }
  Result<std::string> ab = bench::find_ab();
  if (!ab) return ab.error();
  plan.ab = std::move(ab).value();
  return base::ok_status();
}

Result<bench::FunctionPlan> make_plan(const BenchOptions& options) {
  FunctionOptions function = options.function;
  const std::string words = std::exchange(function.strategy, "");
  Result<emulator::FunctionConfig> config = function.resolve();
  if (!config) return config.error();
  Result<ChosenEvent> event = choose_event(options, config->handler);
  if (!event) return event.error();
  Result<std::vector<bench::StrategyChoice>> strategies = choose_strategies(config->program, words);
  if (!strategies) return strategies.error();
  bench::FunctionPlan plan{.function = std::move(config).value(),
                           .payload = std::move(event->payload),
                           .event = std::move(event->words),
                           .strategies = std::move(strategies).value(),
                           .against = options.against,
                           .baselines = choose_baselines(options.baselines),
                           .path = std::move(event->path)};
  if (Status added = add_costs(options, plan); !added) return added.error();
  if (!options.ab) return plan;
  if (Status added = add_ab(plan); !added) return added.error();
  return plan;
}

bench::Effort effort_of(const BenchOptions& options) {
  return {.rounds = options.rounds,
          .warm_up = kWarmUp,
          .events = options.events,
          .spaced = kSpaced,
          .pause = kPause,
          .concurrency = options.concurrency,
          .throughput_time = kThroughputTime,
          .part_limit = kPartLimit};
}

// The audit of the application is what counts here. What the strategy itself keeps is known, so the
// probe is asked about one kind only, to see that it answers.
constexpr const char* kOneKind = "umask";

SharingAudit not_done(std::string reason) {
  return {.outcome = SharingAudit::Outcome::kNotDone, .reason = std::move(reason)};
}

audit::Plan make_audit_plan(const bench::FunctionPlan& plan, const bench::StrategyChoice& sharing) {
  return {.directory = plan.function.task_root,
          .probe = audit::probe_function(plan.function, audit::probe_file(plan.function.program)),
          .application = plan.function,
          .events = {plan.payload},
          .strategies = {{sharing.letter, sharing.name, false}},
          .named = true,
          .kinds = {kOneKind}};
}

SharingAudit judge(const audit::AuditReport& report) {
  if (report.strategies.empty()) return not_done("nothing was audited");
  const audit::StrategyReport& strategy = report.strategies.front();
  if (!strategy.failure.empty()) return not_done(strategy.failure);
  if (!strategy.application) return not_done("the entry is the probe of the audit itself");
  const audit::ApplicationReport& application = *strategy.application;
  if (!application.examined()) return not_done(application.unknown);
  if (!application.failures.empty()) return not_done(application.failures.front());
  SharingAudit audit{.outcome = SharingAudit::Outcome::kClean, .events = application.events};
  for (const audit::Change& change : application.changes) audit.leaks.push_back(change.key);
  // Name changed values first: they matter more than code that was loaded.
  const auto is_value = [](const std::string& key) { return !key.starts_with("code."); };
  std::stable_partition(audit.leaks.begin(), audit.leaks.end(), is_value);
  if (!audit.leaks.empty()) audit.outcome = SharingAudit::Outcome::kLeaks;
  return audit;
}

// Audits what the application leaves behind under the strategy that shares a process between
// events: the recommendation depends on it. An audit that cannot be carried out is an outcome and
// not an Error; kStopped is an Error.
Result<SharingAudit> audit_sharing(const bench::FunctionPlan& plan,
                                   const bench::StrategyChoice& sharing, StopSignals& signals,
                                   const std::function<void(const std::string&)>& say) {
  emulator::LogSink log(-1);
  audit::Auditor auditor(make_audit_plan(plan, sharing), log,
                         [&say](const std::string& text) { say("audit: " + text); });
  signals.on_stop([&auditor] { auditor.request_stop(); });
  const Result<audit::AuditReport> report = auditor.run();
  signals.on_stop({});
  if (report) return judge(report.value());
  if (report.error().kind == ErrorKind::kStopped) return report.error();
  return not_done(report.error().text);
}

Result<SharingAudit> audit_plan(const BenchOptions& options, const bench::FunctionPlan& plan,
                                StopSignals& signals,
                                const std::function<void(const std::string&)>& say) {
  const auto sharing = std::ranges::find(plan.strategies, false, &bench::StrategyChoice::isolates);
  if (sharing == plan.strategies.end()) {
    return SharingAudit{.reason = "no strategy that was measured shares a process"};
  }
  if (options.no_audit) return SharingAudit{.reason = "--no-audit was given"};
  return audit_sharing(plan, *sharing, signals, say);
}

Result<bench::FunctionReport> carry_out(const BenchOptions& options,
                                        const bench::FunctionPlan& plan) {
  StopSignals signals;
  std::atomic<bool> stopping = false;
  Progress progress(STDERR_FILENO, ::isatty(STDERR_FILENO) == 1, "bench");
  const auto say = [&progress](const std::string& text) { progress.show(text); };
  signals.on_stop([&stopping] { stopping = true; });
  const bench::Run run{effort_of(options), stopping, say};
  Result<bench::FunctionReport> report = bench::bench_function(plan, run);
  signals.on_stop({});
  if (!report) return report;
  Result<SharingAudit> audit = audit_plan(options, plan, signals, say);
  if (!audit) return audit.error();
  bench::conclude(report.value(), std::move(audit).value());
  return report;
}

ExitCode fail(const Error& error) {
  base::log_error(error.text);
  return error.kind == ErrorKind::kStopped ? kSystemFailed : exit_code(error.kind);
}

}  // namespace

void BenchOptions::add_to(CLI::App& command) {
  function.add_to(command);
  command.remove_option(command.get_option("--strategy"));
  command.add_option("--strategies", function.strategy,
                     "Names and letters with commas between them; by default all");
  command.add_option("--event", event_file, "JSON file of the event, - for stdin");
  command.add_option("--path", path, "The event is a GET of this path");
  command.add_option("-n,--events", events, "Events in a row in each round")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1'000'000U));
  command.add_option("-c,--concurrency", concurrency, "Concurrent events for the rate; 0: no rate")
      ->capture_default_str()
      ->check(CLI::Range(0U, 64U))
      ->each([this](const std::string& /*given*/) { concurrency_given = true; });
  command.add_option("--rounds", rounds, "Rounds, and so cold starts of each subject")
      ->capture_default_str()
      ->check(CLI::Range(1U, 1000U));
  const auto add_list = [&command](const char* name, std::vector<std::string>& values,
                                   const char* help) {
    command.add_option(name, values, help)->allow_extra_args(false);
  };
  add_list("--against", against, "NAME=COMMAND: another runtime to measure; repeatable");
  command.add_option("--baselines", baselines,
                     "Web servers to measure: nginx-fpm, php-server, php-cgi, or all");
  add_list("--arrivals", arrivals,
           "Simulate a day: poisson:5/s, diurnal:5/s, burst:100@10min, or a file; repeatable");
  command.add_flag("--ab", ab, "Measure each strategy with ab -c 1 -n 100, too");
  command.add_option("--prices", prices_file,
                     "JSON file of prices to use in place of the built-in ones");
  command.add_flag("--no-audit", no_audit, "Skip the audit of state that one process keeps");
  command.add_option("--url", url, "Measure the deployed function at this URL, with ab");
  command.add_option("--log", log_file,
                     "Log of a deployed function: measure it by its REPORT lines; - for stdin");
  command.add_option("--json", json_file, "Write every figure to this file as JSON");
  command.add_option("--html", html_file, "Write the report to this file as an HTML page");
  // Everything else is about a function that runs here.
  for (const char* deployed : {"--url", "--log"}) {
    for (CLI::Option* option : command.get_options()) {
      const std::string name = option->get_name();
      if (std::ranges::count(kForDeployed, name) == 0) {
        command.get_option(deployed)->excludes(option);
      }
    }
  }
  command.footer(kHelp);
}

ExitCode bench(const BenchOptions& options) {
  if (!options.url.empty() || !options.log_file.empty()) return bench_deployed(options);
  const Result<bench::FunctionPlan> plan = make_plan(options);
  if (!plan) return fail(plan.error());
  std::signal(SIGPIPE, SIG_IGN);  // a reader of stdout may stop early
  const Result<bench::FunctionReport> report = carry_out(options, plan.value());
  if (!report) return fail(report.error());
  std::cout << bench::to_text(report.value()) << std::flush;
  const std::pair<const std::string&, std::string> files[] = {
      {options.json_file, bench::to_json(report.value()) + '\n'},
      {options.html_file, bench::to_html(report.value())}};
  for (const auto& [path, text] : files) {
    if (const Status written = write_output_file("report", path, text); !written)
      return fail(written.error());
  }
  return std::ranges::any_of(report->subjects, &bench::SubjectReport::failed) ? kFailed : kOk;
}

}  // namespace phork::cli
