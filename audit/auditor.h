// SPDX-License-Identifier: MIT
//
// Carries an audit out: runs the probe and the user's application under one strategy after the
// other, each in a local Lambda of its own that serves all of their events. What goes wrong under
// a strategy is part of its report. run() is called once, on any thread.
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
  std::optional<emulator::FunctionConfig> application;  // none: the probe is all there is
  std::vector<std::string> events;                      // for the application, in this order
  std::vector<StrategyName> strategies;
  bool named = false;                // a person named the strategies
  std::vector<std::string> kinds{};  // names; empty: all
};

// What is going on, for somebody who waits: "fork: 12/74 global-variable".
using Progress = std::function<void(const std::string& text)>;

class Auditor : private base::Pinned {
 public:
  // `log` outlives it, and gets what the runtimes write.
  Auditor(Plan plan, emulator::LogSink& log, Progress progress);
  ~Auditor() = default;

  // kInvalid when the plan asks for what the probe does not have; kStopped by request_stop().
  base::Result<AuditReport> run();
  // Makes run() return; from any thread.
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

  std::mutex mutex_;  // guards what follows
  emulator::LocalLambda* running_ = nullptr;
  bool stopped_ = false;
};

}  // namespace phork::audit
