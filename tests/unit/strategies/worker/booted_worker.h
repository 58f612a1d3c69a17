// SPDX-License-Identifier: MIT
//
// A booted Worker with a FakeWorker behind it, and helpers of the tests about its events.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include <doctest/doctest.h>

#include "strategies/worker/worker.h"
#include "tests/support/kept_stream.h"
#include "tests/unit/strategies/kept_lines.h"
#include "tests/unit/strategies/worker/fake_worker.h"

namespace phork::strategies::testing {

inline event::Invocation event_of(std::string json,
                                  std::chrono::milliseconds time = std::chrono::seconds(10)) {
  event::Invocation event;
  event.request_id = "r-1";
  event.deadline =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
      time;
  event.event = std::move(json);
  return event;
}

inline const char* const kPostEvent =
    R"({"version":"2.0","rawPath":"/cart","rawQueryString":"a=1",
  "headers":{"host":"shop.example","content-type":"text/plain"},"cookies":["s=1"],
  "requestContext":{"stage":"$default","http":{"method":"POST","path":"/cart",
  "protocol":"HTTP/1.1","sourceIp":"192.0.2.1"}},"body":"two apples","isBase64Encoded":false})";

struct Booted {
  explicit Booted(wire::Serves serves = wire::Serves::kEvents) : worker(php.make(settings)) {
    settings.routing = {"/app/index.php", "/app"};
    php.say_ready(serves);
    REQUIRE_FALSE(worker->await_ready(soon()).has_value());
  }

  Served serve(const event::Invocation& event) { return worker->serve(event, stream); }

  // Serves `event` while `play` runs in PHP's place.
  template <typename Play>
  Served serve(const event::Invocation& event, Play play) {
    const std::jthread thread([this, &play] { play(php); });
    return serve(event);
  }

  KeptLines log;
  Settings settings;
  FakeWorker php;
  phork::testing::KeptStream stream;
  std::unique_ptr<Worker> worker;
};

inline event::Failure failure_of(const Served& served) {
  const auto* failure = std::get_if<event::Failure>(&served.outcome);
  return failure != nullptr ? *failure : event::Failure{"no failure", "", {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace phork::strategies::testing
