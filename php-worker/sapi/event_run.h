// SPDX-License-Identifier: MIT
//
// One event from its request to its result inside this process: opens it, calls the application,
// runs what PHP owes at the end of a request. Whoever calls it sends the result, and closes the
// event (request.h) when the process goes on.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/request.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// Measures what this process spends from its construction on.
class UsageMeter {
 public:
  UsageMeter();
  wire::Usage read() const;

 private:
  std::chrono::steady_clock::time_point start_;
  long minor_faults_;
};

struct HttpInput {
  event::Invocation invocation;
  std::vector<event::NameValue> variables;
  std::string_view body;  // outlives the event
  // Called when the user's code finishes its response early; then the result of run_http is not to
  // be sent again (`current_exchange().finished` was true before it returned).
  std::function<void(Exchange&)> on_finished;
  ResponseSink* sink = nullptr;  // outlives the event; null: the response is kept until it is whole
};

// Of an event in a process that serves others after it. Each run of a script is its own request.
inline Lifetime lifetime_of(const Application& application) {
  return application.is_script() ? Lifetime::kOneEvent : Lifetime::kManyEvents;
}

class EventRun {
 public:
  // What a handler prints in a rehearsal is dropped.
  EventRun(Application& application, Lifetime lifetime, bool rehearsal = false)
      : application_(application), lifetime_(lifetime), rehearsal_(rehearsal) {}

  CallResult run_handler(const event::Invocation& invocation, ResponseSink* sink = nullptr);
  // HttpDone always means a complete response in `current_exchange()`; an uncaught exception or
  // fatal error was logged and became a 500 unless output had already left. A Failure is for a
  // stream that has begun, or for an event that could not be opened.
  CallResult run_http(HttpInput input);

 private:
  void reset_exchange(OutputTo output);

  Application& application_;
  Lifetime lifetime_;
  bool rehearsal_;
};

// The answer in `current_exchange()` as a frame; its tail borrows the body.
wire::Response response_frame(const Exchange& exchange, const wire::Usage& usage);

}  // namespace phork::sapi
