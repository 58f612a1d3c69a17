// SPDX-License-Identifier: MIT
//
// The page about the emulator itself: GET /_phork is a page without dependencies, and
// GET /_phork/state?invocations=N&log=M what it shows, as JSON, with invocations and log lines from
// these sequence numbers on. The function does not see requests for these paths.
// Reads Activity and nothing else, so it works in every state of the function, and no event waits
// for it. Several threads at a time.
#pragma once

#include <chrono>
#include <cstddef>

#include "emulator/event/function_config.h"
#include "emulator/http/route.h"
#include "emulator/observe/activity.h"

namespace phork::emulator {

class StatusPage final : public FrontRoute {
 public:
  static constexpr const char* kPath = "/_phork";

  // Both outlive it.
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
