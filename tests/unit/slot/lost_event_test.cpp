// SPDX-License-Identifier: MIT
#include "runtime/slot/lost_event.h"

#include <chrono>
#include <csignal>
#include <string>
#include <variant>

#include <doctest/doctest.h>

namespace phork::slot {
namespace {

using namespace std::chrono_literals;
using process::ExitStatus;

event::Invocation invocation_with_id(const std::string& id) {
  event::Invocation invocation;
  invocation.request_id = id;
  return invocation;
}

}  // namespace

TEST_SUITE("slot: an event without an answer") {
  TEST_CASE("a death is reported with the exit status") {
    const auto exited = death_failure(ExitStatus{ExitStatus::Kind::kExited, 3});
    CHECK(exited.type == "Runtime.HandlerExited");
    CHECK(exited.message == "the PHP worker ended without an answer: exit code 3");

    const auto killed = death_failure(ExitStatus{ExitStatus::Kind::kSignalled, SIGSEGV});
    CHECK(killed.type == "Runtime.WorkerKilled");
    CHECK(killed.message == "the PHP worker was killed by signal 11 (Segmentation fault)");

    const auto failed = death_failure(ExitStatus{ExitStatus::Kind::kExited, 111});
    CHECK(failed.type == "Runtime.WorkerLost");
    CHECK(failed.message ==
          "the PHP worker ended because its connection or the system failed: exit code 111");

    CHECK(death_failure(std::nullopt).type == "Runtime.WorkerLost");
  }

  TEST_CASE("after its deadline an event is a failure, and an HTTP event a 504") {
    const auto failed = timed_out(invocation_with_id("id-1"), std::nullopt);
    REQUIRE(std::holds_alternative<event::Failure>(failed));
    CHECK(std::get<event::Failure>(failed).type == "Function.Timeout");
    CHECK(std::get<event::Failure>(failed).message ==
          "the event was not answered before its deadline; request_id=id-1");

    const auto answered = timed_out(invocation_with_id("id-1"), http::EventShape::kApiGatewayV2);
    REQUIRE(std::holds_alternative<event::Answer>(answered));
    CHECK(std::get<event::Answer>(answered).body.find("504") != std::string::npos);
  }

  TEST_CASE("a boot that takes too long names its limit") {
    CHECK(boot_timed_out(60s).message == "the application did not boot within 60 s");
  }
}

}  // namespace phork::slot
