// SPDX-License-Identifier: MIT
#include "strategies/worker/messages.h"

#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "runtime/wire/frames.h"

namespace phork::strategies {

using process::ExitStatus;

TEST_SUITE("worker_messages") {
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
          "the PHP worker ended because its channel or the system failed: exit code 111");

    CHECK(death_failure(std::nullopt).type == "Runtime.WorkerLost");
  }

  TEST_CASE("Ready is not a failure") {
    CHECK_FALSE(read_boot_message(wire::encode(wire::Ready{}).head).has_value());
  }

  TEST_CASE("BootFailed has PHP's own failure") {
    const wire::Failed failed{{},
                              {"Runtime.PhpFatal", "syntax error in index.php:3", {"#0 {main}"}}};
    const auto failure = read_boot_message(wire::encode(wire::FrameType::kBootFailed, failed).head);
    REQUIRE(failure.has_value());
    CHECK(failure->type == "Runtime.PhpFatal");
    CHECK(failure->message == "syntax error in index.php:3");
    CHECK(failure->stack_trace == std::vector<std::string>{"#0 {main}"});
  }

  TEST_CASE("a message that is not a boot message is a failed boot") {
    const wire::Failed failed{{}, {"T", "m", {}}};
    const std::string boot_failed = wire::encode(wire::FrameType::kBootFailed, failed).head;
    const std::string truncated = boot_failed.substr(0, boot_failed.size() - 1);
    for (const std::string& bytes :
         {std::string(), std::string("garbage that is no frame"), truncated, boot_failed + 'x',
          wire::encode(wire::Exited{1, 0, 0, 0}).head}) {
      CAPTURE(bytes.size());
      const auto failure = read_boot_message(bytes);
      REQUIRE(failure.has_value());
      CHECK(failure->type == "Runtime.BootFailed");
      CHECK_FALSE(failure->message.empty());
    }
  }
}

}  // namespace phork::strategies
