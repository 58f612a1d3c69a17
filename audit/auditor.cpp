// SPDX-License-Identifier: MIT
#include "audit/auditor.h"

#include <utility>

#include "audit/function.h"
#include "runtime/base/php_folder.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

// The first round finds a cold application and the second what the first left behind; the third
// tells state that changes once, such as a cache, from state that every event changes.
constexpr std::size_t kRounds = 3;

Error stopped() {
  return {ErrorKind::kStopped, "audit: stopped before it was done"};
}

}  // namespace

// A local Lambda that request_stop() stops while this object lives.
class Auditor::Running : private base::Pinned {
 public:
  Running(Auditor& auditor, emulator::FunctionConfig config, const std::string& strategy)
      : auditor_(auditor),
        lambda_(under_strategy(std::move(config), strategy), auditor.log_, strategy) {
    const std::lock_guard lock(auditor_.mutex_);
    auditor_.running_ = &lambda_;
    if (auditor_.stopped_) lambda_.request_stop();
  }

  ~Running() {
    const std::lock_guard lock(auditor_.mutex_);
    auditor_.running_ = nullptr;
  }

  emulator::LocalLambda& lambda() { return lambda_; }

 private:
  Auditor& auditor_;
  emulator::LocalLambda lambda_;
};

Auditor::Auditor(Plan plan, emulator::LogSink& log, Progress progress)
    : plan_(std::move(plan)), log_(log), progress_(std::move(progress)) {}

Result<AuditReport> Auditor::run() {
  AuditReport audit{plan_.directory, {}};
  for (const StrategyName& strategy : plan_.strategies) {
    StrategyReport report{strategy, plan_.named};
    if (Status done = audit_probe(report); !done) return std::move(done).error();
    if (plan_.application) {
      if (Status done = audit_application(report); !done) return std::move(done).error();
    }
    audit.strategies.push_back(std::move(report));
  }
  return audit;
}

void Auditor::request_stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (running_ != nullptr) running_->request_stop();
}

Status Auditor::audit_probe(StrategyReport& report) {
  const std::string& name = report.strategy.name;
  progress_(name + ": starting the probe");
  Running running(*this, plan_.probe, name);
  if (const Status started = running.lambda().start(); !started) {
    if (started.error().kind == ErrorKind::kStopped) return stopped();
    report.failure = started.error().text;
    return base::ok_status();
  }
  ProbeOptions options{name, plan_.kinds};
  options.progress = [&](std::size_t number, std::size_t total, const Kind& kind) {
    progress_(name + ": " + std::to_string(number) + "/" + std::to_string(total) + " " + kind.name);
  };
  const auto asked = [&](const std::string& event) { return ask(running.lambda(), event); };
  Result<ProbeReport> probe = run_probe(asked, options);
  if (probe) {
    report.probe = std::move(probe).value();
  } else if (probe.error().kind == ErrorKind::kStopped) {
    return stopped();
  } else if (probe.error().kind == ErrorKind::kInvalid) {
    return std::move(probe).error();
  } else {
    report.failure = probe.error().text;
  }
  return base::ok_status();
}

Status Auditor::audit_application(StrategyReport& report) {
  const std::string& name = report.strategy.name;
  progress_(name + ": starting your application");
  const RecordFile record;
  emulator::FunctionConfig config = *plan_.application;
  process::set_variable(config.environment, "PHORK_AUDIT_RECORD", record.path());
  process::set_variable(config.environment, "PHORK_AUDIT_PROBE",
                        base::probe_folder(config.program));
  Running running(*this, std::move(config), name);
  ApplicationReport& application = report.application.emplace();
  if (const Status started = running.lambda().start(); !started) {
    if (started.error().kind == ErrorKind::kStopped) return stopped();
    application.started = false;
    application.unknown = started.error().text;
    return base::ok_status();
  }
  ApplicationReport sent;
  const Result<std::size_t> events = send_events(running.lambda(), sent, name);
  if (!events) return events.error();
  application = read_application(record.read(), events.value());
  application.failures = std::move(sent.failures);
  return base::ok_status();
}

Result<std::size_t> Auditor::send_events(emulator::LocalLambda& lambda, ApplicationReport& report,
                                         const std::string& strategy) {
  const std::size_t total = kRounds * plan_.events.size();
  for (std::size_t sent = 0; sent < total; ++sent) {
    progress_(strategy + ": your application, event " + std::to_string(sent + 1) + "/" +
              std::to_string(total));
    const Result<std::string> answer = ask(lambda, plan_.events[sent % plan_.events.size()]);
    if (answer) continue;
    if (answer.error().kind == ErrorKind::kStopped) return stopped();
    add_failure(report, answer.error().text);
  }
  return total;
}

}  // namespace phork::audit
