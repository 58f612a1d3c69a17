// SPDX-License-Identifier: MIT
#include "cli/audit.h"

#include <csignal>
#include <fcntl.h>
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
#include "cli/event_file.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/stop_signals.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kHelp =
    "Three events for each kind of state: one looks, the next changes it, the one after that "
    "looks\n"
    "again. Then your application gets its events three times over, and what the runtime sees of\n"
    "its state at the beginning of each is compared.\n"
    "\n"
    "Exit code: 0 when nothing leaked, 1 when something did, 100 used wrongly, 111 when the audit\n"
    "could not be carried out. Leaks count under strategies that promise isolation and under "
    "those\n"
    "that --strategy names; with all of them, what survives under inprocess is shown and does not\n"
    "count, as inprocess promises nothing.";

// The probe that comes with our PHP files.
Result<std::string> find_probe(const std::string& bootstrap) {
  std::error_code ignored;
  const std::string probe = audit::probe_file(bootstrap);
  if (fs::is_regular_file(probe, ignored)) return probe;
  return invalid("find probe", probe, "no such file");
}

bool is_probe(const emulator::FunctionConfig& config) {
  if (!config.handler.ends_with(".php")) return false;
  std::ifstream stream(fs::path(config.task_root) / config.handler, std::ios::binary);
  return audit::names_probe(std::string(std::istreambuf_iterator<char>(stream), {}));
}

// An entry that names a function takes events of any form. Of a file nobody knows before it runs
// whether it serves HTTP, and a request is an event too.
Result<std::string> default_event(const std::string& handler) {
  if (!handler.ends_with(".php")) return std::string("{}");
  return request_event("GET /");
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
  for (const std::string& line : options.requests) add(request_event(line));
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
  const base::Fd nowhere(
      base::check(::open("/dev/null", O_WRONLY | O_CLOEXEC), "cli: open /dev/null"));
  emulator::LogSink log(verbose ? STDERR_FILENO : nowhere.get());
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
      return kLeaked;
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
  add_list("--event", event_files, "JSON file of an event for your application, - for stdin");
  add_list("--request", requests, "A request for your application: 'GET /path'");
  add_list("--kind", kinds, "Only this kind of state, by its name in the table");
  command.add_option("--json", json_file, "File for everything that was found, as JSON");
  command.add_flag("--verbose", verbose,
                   "Values in full, reasons for n/a and shared; logs of the runtime on stderr");
  command.footer(kHelp);
}

ExitCode audit(const AuditOptions& options) {
  Result<audit::Plan> plan = make_plan(options);
  if (!plan) return fail(plan.error());
  std::signal(SIGPIPE, SIG_IGN);  // who stops reading stdout is a caller who goes, not our end
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
