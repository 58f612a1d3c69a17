// SPDX-License-Identifier: MIT
//
// The log of `phork serve` for a person: one line for each request once it is over, with the
// records of the function below it. A request is over when its client has the reply and the
// environment has finished the event. Lambda's own lines are left out. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/observe/event_log.h"
#include "emulator/observe/log_record.h"
#include "emulator/observe/log_sink.h"
#include "emulator/observe/request_format.h"

namespace phork::emulator {

class RequestLog final : public EventLog {
 public:
  // A request with more text than this in its records shows them before its end, so that a
  // function's log never fills the memory.
  static constexpr std::size_t kMostHeldBytes = std::size_t{1} << 18;

  // Borrows `sink`. `timeout` is the function's.
  RequestLog(LogSink& sink, std::unique_ptr<const RequestFormat> format,
             std::chrono::milliseconds timeout);

  void requested(const std::string& request_id, std::string_view method,
                 std::string_view path) override;
  void replied(const std::string& request_id, int status) override;
  void answered(const OwnAnswer& answer) override;
  void started(const std::string& request_id) override;

  void platform(std::string_view /*line*/) override {}

  void output(const std::string& request_id, std::string_view line) override;
  void error(const std::string& request_id, std::string_view message) override;
  void finished(const EventRecord& record, std::optional<Microseconds> init) override;

  // At the end: shows the requests that will not be over.
  void close();

 private:
  struct Open {
    RequestView view;
    Clock::time_point began;
    std::size_t held_bytes = 0;
    bool replied = false;
    bool finished = false;
  };

  using OpenRequests = std::map<std::string, Open>;

  void add(const std::string& request_id, LogRecord record);
  void show_if_over(OpenRequests::iterator request);

  LogSink& sink_;
  const std::unique_ptr<const RequestFormat> format_;
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;   // guards what follows, and the order of lines
  OpenRequests open_;  // by request id
};

}  // namespace phork::emulator
