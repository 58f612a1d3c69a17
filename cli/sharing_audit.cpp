// SPDX-License-Identifier: MIT
#include "cli/sharing_audit.h"

#include <algorithm>
#include <fcntl.h>
#include <optional>
#include <utility>

#include "audit/auditor.h"
#include "audit/function.h"
#include "emulator/observe/log_sink.h"
#include "runtime/base/fd.h"

namespace phork::cli {
namespace {

using base::ErrorKind;
using base::Result;
using bench::SharingAudit;

// The probe tells about the strategy, which is known; one question shows that it works. What is
// asked is what the application does.
constexpr const char* kOneKind = "umask";

SharingAudit not_done(std::string reason) {
  return {.outcome = SharingAudit::Outcome::kNotDone, .reason = std::move(reason)};
}

audit::Plan make_plan(const SharingPlan& plan) {
  return {.directory = plan.function.task_root,
          .probe = audit::probe_function(plan.function, audit::probe_file(plan.function.program)),
          .application = plan.function,
          .events = {plan.payload},
          .strategies = {{plan.letter, plan.strategy, false}},
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
  // Code that was loaded says less than values that were changed.
  const auto is_value = [](const std::string& key) { return !key.starts_with("code."); };
  std::stable_partition(audit.leaks.begin(), audit.leaks.end(), is_value);
  if (!audit.leaks.empty()) audit.outcome = SharingAudit::Outcome::kLeaks;
  return audit;
}

}  // namespace

Result<SharingAudit> audit_sharing(const SharingPlan& plan, StopSignals& signals,
                                   const std::function<void(const std::string&)>& say) {
  const base::Fd nowhere(
      base::check(::open("/dev/null", O_WRONLY | O_CLOEXEC), "cli: open /dev/null"));
  emulator::LogSink log(nowhere.get());
  audit::Auditor auditor(make_plan(plan), log,
                         [&say](const std::string& text) { say("audit: " + text); });
  signals.on_stop([&auditor] { auditor.request_stop(); });
  const Result<audit::AuditReport> report = auditor.run();
  signals.on_stop({});
  if (report) return judge(report.value());
  if (report.error().kind == ErrorKind::kStopped) return report.error();
  return not_done(report.error().text);
}

}  // namespace phork::cli
