// SPDX-License-Identifier: MIT
//
// Takes events from Lambda's Runtime API and answers them, in any process that has the turn of its
// slot (runtime/slot). The modes decide where the process comes from, and what follows an event.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/slot/worker_side.h"

namespace phork::sapi {

class EventService {
 public:
  // Borrows all; `api` and `slot` are this process's. `counts_faults`: also where nobody measures.
  EventService(Application& application, const EntryPoint& entry, lambda::HttpRuntimeApi& api,
               slot::WorkerSide& slot, bool counts_faults = false);

  // Asks for an event and registers it. Nothing when this process has to end, with exit_code():
  // kOk after the stop signal, kSystemFailed (logged) when the API is gone or refuses.
  std::optional<event::Invocation> next();

  // For an event that the supervisor has registered.
  void begin(const event::Deadlines& deadlines);

  // Each answers the event, exactly once. False when the API is gone: this process has to end with
  // exit_code().
  bool serve(const event::Invocation& invocation, Lifetime lifetime);
  bool refuse(const event::Invocation& invocation, const event::Failure& failure);

  // Tells the supervisor, where somebody measures or traces.
  void tell_cost(const event::Invocation& invocation, std::uint32_t generation,
                 std::uint64_t ready_us) const;

  std::uint32_t minor_faults() const { return usage_.minor_faults; }

  int exit_code() const { return exit_code_; }

 private:
  class ApiAnswer;

  CallResult run(const event::Invocation& invocation, ApiAnswer& answer, Lifetime lifetime);
  bool end(const base::Status& posted);

  Application& application_;
  const EntryPoint& entry_;
  lambda::HttpRuntimeApi& api_;
  slot::WorkerSide& slot_;
  const std::chrono::milliseconds margin_;
  const bool streams_;
  const bool tells_costs_;
  const bool compresses_;
  const base::Trace trace_;
  const bool measures_;
  base::Deadline give_up_{};
  Usage usage_;
  int exit_code_ = 0;

  // Of the event, where trace_ asks for them.
  std::uint64_t asked_us_ = 0;
  std::uint64_t taken_us_ = 0;
  std::string trace_parent_;  // of an HTTP event, as W3C writes it; "" when it has none
  bool failed_ = false;
};

// The log of a worker: what the runtime says goes to the supervisor as a report; what PHP says goes
// to this process's own streams, which the supervisor reads line by line.
class WorkerLog final : public base::LogSink {
 public:
  explicit WorkerLog(slot::WorkerSide& side) : side_(side) {}

  void write(const base::LogRecord& record) override;

 private:
  slot::WorkerSide& side_;
};

// From here on slot::kStopSignal ends next(), and with it the process; an event under way is served
// to its end.
void end_on_signal(lambda::RuntimeApi& api, slot::WorkerSide& slot);

}  // namespace phork::sapi
