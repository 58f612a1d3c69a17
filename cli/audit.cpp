// SPDX-License-Identifier: MIT
#include "cli/audit.h"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "audit/auditor.h"
#include "audit/function.h"
#include "audit/report_table.h"
#include "audit/report_text.h"
#include "audit/strategy_list.h"
#include "cli/command.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kHelp =
    "A probe gets three events for each kind of state: the first looks, the second changes the "
    "state,\n"
    "the third looks again. Then your application gets its events three times over, and the audit\n"
    "compares the states in which they begin.\n"
    "\n"
    "Exit code: 0 when no state leaked, 1 when some did, 100 when the command was used wrongly, "
    "111\n"
    "when the audit failed. Leaks count under strategies that promise isolation and under those "
    "that\n"
    "--strategy names. By default inprocess is audited, too, but its leaks do not count: it "
    "promises\n"
    "no isolation.";

// The probe that belongs to `bootstrap`.
Result<std::string> find_probe(const std::string& bootstrap) {
  std::error_code ignored;
  const std::string probe = audit::probe_file(bootstrap);
  if (fs::is_regular_file(probe, ignored)) return probe;
  return invalid("find probe", probe,
                 "no such file; an installed phork has it beside its PHP files");
}

bool is_probe(const emulator::FunctionConfig& config) {
  if (!config.handler.ends_with(".php")) return false;
  std::ifstream stream(fs::path(config.task_root) / config.handler, std::ios::binary);
  return audit::names_probe(std::string(std::istreambuf_iterator<char>(stream), {}));
}

// A handler that names a function takes any event. A file may serve HTTP, which is not known before
// it runs, so it gets a request, which is an event, too.
Result<std::string> default_event(const std::string& handler) {
  if (!handler.ends_with(".php")) return std::string("{}");
  return request_event({"GET /", {}});
}

Result<std::vector<std::string>> read_events(const AuditOptions& options,
                                             const std::string& handler) {
  std::vector<std::string> events;
  Status failed = base::ok_status();
  const auto add = [&](Result<std::string> event) {
    if (event) {
      events.push_back(std::move(event).value());
    } else if (failed) {
      failed = std::move(event).error();
    }
  };
  for (const std::string& file : options.event_files) add(read_event_file(file));
  for (const std::string& line : options.requests) add(request_event({line, {}}));
  if (options.event_files.empty() && options.requests.empty()) add(default_event(handler));
  if (!failed) return std::move(failed).error();
  return events;
}

Result<audit::Plan> make_plan(const AuditOptions& options) {
  FunctionOptions function = options.function;
  const std::string words = std::exchange(function.strategy, "");
  Result<emulator::FunctionConfig> config = function.resolve();
  if (!config) return std::move(config).error();
  Result<std::vector<std::string>> events = read_events(options, config->handler);
  if (!events) return std::move(events).error();
  Result<std::vector<audit::StrategyName>> strategies = audit::offered_strategies(config->program);
  if (!strategies) return std::move(strategies).error();
  const bool named = !words.empty() && words != "all";
  if (named) strategies = audit::choose_strategies(strategies.value(), words);
  if (!strategies) return std::move(strategies).error();

  audit::Plan plan{config->task_root,
                   {},
                   std::nullopt,
                   std::move(events).value(),
                   std::move(strategies).value(),
                   named,
                   options.kinds};
  if (is_probe(config.value())) {
    plan.probe = std::move(config).value();
    return plan;
  }
  const Result<std::string> probe = find_probe(config->program);
  if (!probe) return probe.error();
  plan.probe = audit::probe_function(config.value(), probe.value());
  plan.application = std::move(config).value();
  return plan;
}

Result<audit::AuditReport> carry_out(audit::Plan plan, bool verbose) {
  StopSignals signals;
  emulator::LogSink log(verbose ? STDERR_FILENO : -1);
  const bool watched = !verbose && ::isatty(STDERR_FILENO) == 1;
  Progress progress(STDERR_FILENO, watched, "audit");
  audit::Auditor auditor(std::move(plan), log, [&](const std::string& text) {
    if (watched) progress.show(text);
  });
  signals.on_stop([&auditor] { auditor.request_stop(); });
  Result<audit::AuditReport> report = auditor.run();
  signals.on_stop({});
  log.flush();
  return report;
}

ExitCode exit_code(audit::Outcome outcome) {
  switch (outcome) {
    case audit::Outcome::kNoLeak:
      return kOk;
    case audit::Outcome::kLeak:
      return kFailed;
    case audit::Outcome::kIncomplete:
      break;
  }
  return kSystemFailed;
}

ExitCode fail(const Error& error) {
  base::log_error(error.text);
  return error.kind == ErrorKind::kInvalid ? kUsedWrongly : kSystemFailed;
}

}  // namespace

void AuditOptions::add_to(CLI::App& command) {
  function.add_to(command);
  command.get_option("--strategy")
      ->description("all, or names and letters with commas between them; by default all");
  const auto add_list = [&command](const char* name, std::vector<std::string>& values,
                                   const char* help) {
    command.add_option(name, values, help)->allow_extra_args(false);
  };
  add_list("--event", event_files,
           "JSON file of an event for your application, - for stdin; repeatable");
  add_list("--request", requests,
           "A request for your application, such as 'GET /path'; repeatable");
  add_list("--kind", kinds, "Audit only this kind of state, by its name in the table; repeatable");
  command.add_option("--json", json_file, "Write all findings to this file as JSON");
  command.add_flag("--verbose", verbose,
                   "Show full values, reasons for n/a and shared, and the runtime's log on stderr");
  command.footer(kHelp);
}

ExitCode audit(const AuditOptions& options) {
  Result<audit::Plan> plan = make_plan(options);
  if (!plan) return fail(plan.error());
  std::signal(SIGPIPE, SIG_IGN);  // a reader of stdout may stop early
  const Result<audit::AuditReport> report = carry_out(std::move(plan).value(), options.verbose);
  if (!report) return fail(report.error());
  std::cout << audit::table(report.value(), ::isatty(STDOUT_FILENO) == 1)
            << audit::details(report.value(), options.verbose) << std::flush;
  const Status written =
      write_output_file("audit", options.json_file, audit::to_json(report.value()) + '\n');
  if (!written) return fail(written.error());
  return exit_code(audit::outcome(report.value()));
}

}  // namespace phork::cli
