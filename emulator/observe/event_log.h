// SPDX-License-Identifier: MIT
//
// The form in which a person or a program sees the work of a function: as Lambda's own log, or as
// one line for each request. Environments and the gateway report to it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/observe/log_sink.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// A request that was answered without the function: by a static file, or by a refusal.
struct OwnAnswer {
  std::string_view method{};
  std::string_view path{};
  int status = 0;
  Microseconds took{};
  std::string_view by{};  // "asset"
};

class EventLog : private base::Pinned {
 public:
  EventLog() = default;
  virtual ~EventLog() = default;

  // An HTTP request is about to become the event `request_id`. `path` is without its query.
  virtual void requested(const std::string& request_id, std::string_view method,
                         std::string_view path) = 0;
  // Its client has the reply. Comes before or after finished().
  virtual void replied(const std::string& request_id, int status) = 0;
  virtual void answered(const OwnAnswer& answer) = 0;
  // The event is handed out, or fails before that; lines and finished() follow.
  virtual void started(const std::string& request_id) = 0;
  // A line of Lambda's own.
  virtual void platform(std::string_view line) = 0;
  // A line of the runtime or the function. `request_id` is that of the event under way, unless the
  // line names another.
  virtual void output(const std::string& request_id, std::string_view line) = 0;
  // An error of an event that the emulator itself has found.
  virtual void error(const std::string& request_id, std::string_view message) = 0;
  // The event is over, and all of its lines have come. `init` if this event paid for a start.
  virtual void finished(const EventRecord& record, std::optional<Microseconds> init) = 0;
};

// Lambda's log: the lines of the function between Lambda's own.
class LambdaLog final : public EventLog {
 public:
  // Borrows `sink`.
  explicit LambdaLog(LogSink& sink) : sink_(sink) {}

  void requested(const std::string& /*request_id*/, std::string_view /*method*/,
                 std::string_view /*path*/) override {}

  void replied(const std::string& /*request_id*/, int /*status*/) override {}

  void answered(const OwnAnswer& /*answer*/) override {}

  void started(const std::string& /*request_id*/) override {}

  void platform(std::string_view line) override { sink_.write(line); }

  void output(const std::string& /*request_id*/, std::string_view line) override {
    sink_.write(line);
  }

  void error(const std::string& /*request_id*/, std::string_view /*message*/) override {}

  void finished(const EventRecord& /*record*/, std::optional<Microseconds> /*init*/) override {}

 private:
  LogSink& sink_;
};

}  // namespace phork::emulator
