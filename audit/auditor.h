// SPDX-License-Identifier: MIT
//
// Carries out an audit: runs the probe and then the user's application under one strategy after the
// other, each in a local Lambda of its own that serves all of its events. A failure under one
// strategy becomes part of its report and does not end the audit.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/report.h"
#include "emulator/environments/local_lambda.h"
#include "emulator/event/function_config.h"
#include "emulator/observe/log_sink.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::audit {

struct Plan {
  std::string directory;
  emulator::FunctionConfig probe;
  std::optional<emulator::FunctionConfig> application;  // none: only the probe is audited
  std::vector<std::string> events;                      // for the application, in this order
  std::vector<StrategyName> strategies;
  bool named = false;                // the person asked for these strategies by name
  std::vector<std::string> kinds{};  // names of kinds; empty: all of them
};

// Reports the current step to a person who waits: "fork: 12/74 global-variable".
using Progress = std::function<void(const std::string& text)>;

class Auditor : private base::Pinned {
 public:
  // `log` receives the output of the runtimes and must outlive the auditor.
  Auditor(Plan plan, emulator::LogSink& log, Progress progress);
  ~Auditor() = default;

  // Call once, on any thread; blocks until the audit is done. kInvalid when the plan names a kind
  // that the probe does not have; kStopped after request_stop().
  base::Result<AuditReport> run();
  // Makes run() return early. Thread-safe.
  void request_stop();

 private:
  class Running;

  base::Status audit_probe(StrategyReport& report);
  base::Status audit_application(StrategyReport& report);
  base::Result<std::size_t> send_events(emulator::LocalLambda& lambda, ApplicationReport& report,
                                        const std::string& strategy);

  const Plan plan_;
  emulator::LogSink& log_;
  const Progress progress_;

  std::mutex mutex_;  // guards the members below
  emulator::LocalLambda* running_ = nullptr;
  bool stopped_ = false;
};

}  // namespace phork::audit
