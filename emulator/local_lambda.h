// SPDX-License-Identifier: MIT
//
// A function as Lambda would run it, on this machine: events in, results out, with the log lines
// and the measurements in between. Owns everything it starts. invoke() is called from any number of
// threads; one environment serves them in the order they came.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/dispatcher.h"
#include "emulator/environment.h"
#include "emulator/event.h"
#include "emulator/function_config.h"
#include "emulator/log_sink.h"
#include "emulator/statistics.h"
#include "emulator/stream_sink.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class LocalLambda {
 public:
  // `log` outlives it. `strategy` is only a label, until the runtime's metrics name another.
  LocalLambda(FunctionConfig config, LogSink& log, std::string strategy);
  LocalLambda(const LocalLambda&) = delete;
  LocalLambda& operator=(const LocalLambda&) = delete;
  LocalLambda(LocalLambda&&) = delete;
  LocalLambda& operator=(LocalLambda&&) = delete;

  ~LocalLambda() { stop(); }

  // Returns when the first environment has asked for an event; kRefused when its init failed.
  base::Status start();
  // Returns with the caller's result; Ending::kNotServed once it is stopping. A streamed answer is
  // collected, and is the body of the result.
  EventResult invoke(Event event);
  // Here it goes to `sink` while it comes, and the result is without it.
  EventResult invoke(Event event, StreamSink& sink);
  // A line of the log about an event that nothing went wrong with in here.
  void log_error(std::string_view request_id, std::string_view message);
  // Makes start() and invoke() return; from any thread.
  void request_stop();
  // Ends all processes. Nobody may be in invoke() any more who does not return by request_stop().
  void stop();

  const FunctionConfig& config() const { return config_; }

  Summary summary() const { return statistics_.summary(); }

 private:
  const FunctionConfig config_;
  LogSink& log_;
  Dispatcher dispatcher_;
  Statistics statistics_;
  std::vector<std::unique_ptr<Environment>> environments_;
};

}  // namespace phork::emulator
