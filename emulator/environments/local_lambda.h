// SPDX-License-Identifier: MIT
//
// A local Lambda function: takes events, returns results, and writes log and measurements as Lambda
// would. Owns everything it starts. Any number of threads may call invoke(); events are handed out
// in order of arrival, each to an environment of its own up to the function's concurrency.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "emulator/environments/fleet.h"
#include "emulator/environments/init_record.h"
#include "emulator/environments/journal.h"
#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/observe/activity.h"
#include "emulator/observe/event_log.h"
#include "emulator/observe/log_lines.h"
#include "emulator/observe/log_sink.h"
#include "emulator/observe/statistics.h"
#include "emulator/runtime_api/fault_injector.h"
#include "emulator/sandbox/sandbox.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class LocalLambda : private base::Pinned {
 public:
  // Borrows `log` and `events`. `strategy` is a label until the runtime's metrics name the
  // strategy. Without `events` the log is Lambda's.
  LocalLambda(FunctionConfig config, LogSink& log, std::string strategy,
              EventLog* events = nullptr);

  ~LocalLambda() { stop(); }

  // Returns when the first environment has asked for an event, or when its init took too long: the
  // first event repeats it, with its own time. kRefused: the init failed; the text has the
  // runtime's error. invoke() may be called nevertheless, and repeats the init in each event.
  base::Status start();
  // Blocks until the event has a result; Ending::kNotServed while stopping. Collects a streamed
  // answer in the body of the result.
  EventResult invoke(Event event);
  // Writes a streamed answer to `sink` as it arrives, and not to the result.
  EventResult invoke(Event event, StreamSink& sink);

  // Ends the environments as soon as they have no event under way. Events start fresh ones, which
  // see the current files.
  void renew() { fleet_.renew(); }

  // An HTTP request is about to become the event `request_id`. `path` is without its query.
  void requested(const std::string& request_id, std::string_view method, std::string_view path);
  // Its client has the reply: the function's own, unless `by_function` is false.
  void replied(const std::string& request_id, int status, bool by_function);

  // Logs a request that was answered without the function.
  void log_answer(const OwnAnswer& answer) { events_.answered(answer); }

  // Logs an error of an event that happened outside the environment, such as a bad prelude.
  void log_error(const std::string& request_id, std::string_view message);
  // Makes start() and invoke() return; from any thread.
  void request_stop();
  // Ends all processes and waits for them. Includes request_stop().
  void stop();

  const FunctionConfig& config() const { return config_; }

  // For the status page; valid as long as this object.
  const Activity& activity() const { return activity_; }

  Summary summary() const { return statistics_.summary(); }

  // Events that wait for an environment.
  std::size_t backlog() const { return dispatcher_.backlog(); }

 private:
  const FunctionConfig config_;
  LogSink& log_;
  LambdaLog lambda_log_;
  EventLog& events_;
  const std::unique_ptr<const LogLines> lines_;
  Dispatcher dispatcher_;
  Statistics statistics_;
  Activity activity_;
  Sandboxes sandboxes_;
  FaultPlan faults_;
  Fleet fleet_;
};

}  // namespace phork::emulator
