// SPDX-License-Identifier: MIT
//
// The status page of the emulator. GET /_phork is a page without dependencies; it reads
// GET /_phork/state?invocations=N&log=M, the state as JSON, with the invocations and log lines from
// these sequence numbers on. Requests for these paths do not become events.
// Reads only Activity, so it works in every state of the function and delays no event. Several
// threads at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "emulator/event/function_config.h"
#include "emulator/http/connection.h"
#include "emulator/observe/activity.h"

namespace phork::emulator {

// The longest log line in the state; "cut_bytes" counts the rest.
inline constexpr std::size_t kMostLineBytes = 4096;

struct StateTimes {
  std::chrono::system_clock::time_point started;  // of the emulator; identifies it to the page
  std::chrono::system_clock::time_point now;
};

// The state as JSON. Durations are whole microseconds, times milliseconds of the Unix epoch,
// unknown values null. Pure.
std::string write_state(const FunctionConfig& config, const ActivitySnapshot& snapshot,
                        const StateTimes& times);

class StatusPage final : public HttpRoute {
 public:
  static constexpr const char* kPath = "/_phork";

  // Borrows its arguments.
  StatusPage(const FunctionConfig& config, const Activity& activity)
      : config_(config), activity_(activity), started_(std::chrono::system_clock::now()) {}

  bool takes(const HttpRequest& head) const override;

  std::size_t body_limit() const override { return 0; }

  void handle(HttpRequest request, HttpConnection& connection) override;

 private:
  HttpReply reply_to(const HttpRequest& request) const;
  HttpReply state(std::string_view query) const;

  const FunctionConfig& config_;
  const Activity& activity_;
  const std::chrono::system_clock::time_point started_;
};

}  // namespace phork::emulator
