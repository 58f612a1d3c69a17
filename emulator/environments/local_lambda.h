// SPDX-License-Identifier: MIT
//
// A function as Lambda would run it, on this machine: events in, results out, with the log lines
// and the measurements in between. Owns everything it starts. invoke() is called from any number of
// threads; events are handed out in the order they came, each to an environment of its own while
// the function's concurrency allows it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/environments/fleet.h"
#include "emulator/environments/function_context.h"
#include "emulator/environments/init_failure.h"
#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/event/stream_sink.h"
#include "emulator/observe/activity.h"
#include "emulator/observe/log_lines.h"
#include "emulator/observe/log_sink.h"
#include "emulator/observe/statistics.h"
#include "emulator/runtime_api/fault_plan.h"
#include "emulator/sandbox/sandboxes.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class LocalLambda : private base::Pinned {
 public:
  // `log` outlives it. `strategy` is only a label, until the runtime's metrics name another.
  LocalLambda(FunctionConfig config, LogSink& log, std::string strategy);

  ~LocalLambda() { stop(); }

  // Returns when the first environment has asked for an event, or when its init took too long: the
  // first event does that again, with its own time. kRefused: the init failed, with the runtime's
  // words; it would fail again inside each event, which may be sent nevertheless.
  base::Status start();
  // Returns with the caller's result; Ending::kNotServed once it is stopping. A streamed answer is
  // collected, and is the body of the result.
  EventResult invoke(Event event);
  // Here it goes to `sink` while it comes, and the result is without it.
  EventResult invoke(Event event, StreamSink& sink);

  // Environments end as soon as they have no event under way, and fresh ones take their place when
  // events come: those see files as they are then.
  void renew() { fleet_.renew(); }

  // A line of the log about an event that nothing went wrong with in here.
  void log_error(std::string_view request_id, std::string_view message);
  // Makes start() and invoke() return; from any thread.
  void request_stop();
  // Ends all processes. Nobody may be in invoke() any more who does not return by request_stop().
  void stop();

  const FunctionConfig& config() const { return config_; }

  // What it does; outlived by it.
  const Activity& activity() const { return activity_; }

  Summary summary() const { return statistics_.summary(); }

  // Events that wait for an environment.
  std::size_t backlog() const { return dispatcher_.backlog(); }

 private:
  const FunctionConfig config_;
  LogSink& log_;
  const std::unique_ptr<const LogLines> lines_;
  Dispatcher dispatcher_;
  Statistics statistics_;
  Activity activity_;
  Sandboxes sandboxes_;
  FaultPlan faults_;
  Fleet fleet_;
};

}  // namespace phork::emulator
