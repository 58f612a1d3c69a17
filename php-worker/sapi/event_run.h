// SPDX-License-Identifier: MIT
//
// One event in this process, from its request to its result: opens it, calls the application, and
// runs what PHP owes at the end of a request. The caller sends the result and, when the process
// goes on, closes the event (request.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/server_context.h"

namespace phork::sapi {

// The cost of one event in this process.
struct Usage {
  std::uint32_t minor_faults = 0;
  std::uint64_t php_us = 0;
};

// Measures it since its construction.
class UsageMeter {
 public:
  UsageMeter();
  Usage read() const;

 private:
  std::chrono::steady_clock::time_point start_;
  long minor_faults_;
};

struct HttpInput {
  event::Invocation invocation;
  std::vector<event::NameValue> variables;
  std::string_view body;  // outlives the event
  // Called when the user's code finishes its response early. Then `current_context().finished` is
  // true before run_http returns, and its result must not be sent again.
  std::function<void(ServerContext&)> on_finished;
  ResponseSink* sink = nullptr;  // outlives the event; null: the response is kept until it is whole
};

// Puts the event's trace header into the environment of this process, for PHP, its libraries and
// the programs that they start; an event without one removes it.
void export_trace(const event::Invocation& invocation);

class EventRun {
 public:
  // In a rehearsal a handler's output is dropped.
  EventRun(Application& application, Lifetime lifetime, bool rehearsal = false)
      : application_(application), lifetime_(lifetime), rehearsal_(rehearsal) {}

  CallResult run_handler(const event::Invocation& invocation, ResponseSink* sink = nullptr);
  // HttpDone always means that `current_context()` has a complete response; an uncaught exception
  // or a fatal error was logged and became a 500, unless output had already left. A Failure means
  // that a stream broke off, or that the event could not be opened.
  CallResult run_http(HttpInput input);

  // Call it when the answer has left, before the event ends. What its hooks print goes to the log.
  void run_after_hooks(const event::Invocation& invocation, const CallResult& result);

  // An error for Lambda, or an HTTP answer that says that the server is to blame.
  static bool is_failure(const CallResult& result);

 private:
  void reset_context(OutputTo output);

  Application& application_;
  Lifetime lifetime_;
  bool rehearsal_;
};

}  // namespace phork::sapi
