// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "strategies/worker/worker.h"
#include "tests/unit/strategies/worker/fake_worker.h"

namespace phork::strategies {
namespace {

using namespace std::chrono_literals;
using testing::FakeWorker;
using testing::soon;

base::Deadline in_a_moment() {
  return std::chrono::steady_clock::now() + 5ms;
}

}  // namespace

TEST_SUITE("worker: boot") {
  TEST_CASE("a worker that has said ready stays ready while it is silent") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.say_ready();
    CHECK_FALSE(worker->await_ready(soon()).has_value());
    CHECK(worker->ready());
    CHECK(worker->ready());
    CHECK_FALSE(worker->used());
    CHECK(php.kills() == 0);
  }

  TEST_CASE("a failed boot is reported in PHP's own words") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.say(wire::encode(wire::FrameType::kBootFailed,
                         wire::Failed{{}, {"App\\Broken", "no database", {"#0 boot.php(3)"}}}));
    const auto failure = worker->await_ready(soon());
    REQUIRE(failure.has_value());
    CHECK(failure->type == "App\\Broken");
    CHECK(failure->message == "no database");
    CHECK(failure->stack_trace == std::vector<std::string>{"#0 boot.php(3)"});
    php.exit(1);
    worker->retire();
    CHECK_FALSE(worker->crashed());
  }

  TEST_CASE("a worker that ends while it boots is reported with its exit status") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.exit(255);
    const auto failure = worker->await_ready(soon());
    REQUIRE(failure.has_value());
    CHECK(failure->message.find("exit code 255") != std::string::npos);
    CHECK_FALSE(worker->crashed());
    CHECK_FALSE(worker->ready());
  }

  TEST_CASE("a worker that is killed while it boots has crashed") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.die(SIGSEGV);
    const auto failure = worker->await_ready(soon());
    REQUIRE(failure.has_value());
    CHECK(failure->type == "Runtime.WorkerKilled");
    CHECK(worker->crashed());
  }

  TEST_CASE("a worker that boots for too long is killed") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    const base::Deadline deadline = in_a_moment();
    const auto failure = worker->await_ready(deadline);
    CHECK(std::chrono::steady_clock::now() >= deadline);
    REQUIRE(failure.has_value());
    CHECK(failure->type == "Runtime.BootTimeout");
    CHECK(php.kills() == 1);
    worker->retire();
    CHECK_FALSE(worker->crashed());  // we killed it
  }

  TEST_CASE("a worker that sends anything but a boot message is killed at once") {
    for (const std::string& bytes : {std::string("PHP Warning:  Module already loaded\n"),
                                     wire::encode_fork().head, wire::encode(wire::Answer{}).head}) {
      CAPTURE(bytes);
      const Settings settings;
      FakeWorker php;
      const auto worker = php.make(settings);
      php.say_bytes(bytes);
      const auto failure = worker->await_ready(soon());
      REQUIRE(failure.has_value());
      CHECK(failure->type == "Runtime.WorkerLost");
      CHECK(php.kills() >= 1);
      const auto before = std::chrono::steady_clock::now();
      worker->retire();
      CHECK(std::chrono::steady_clock::now() - before < 5s);
    }
  }

  TEST_CASE("a worker that closes its channel and does not exit is killed") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.close_channel();
    const auto failure = worker->await_ready(soon());
    REQUIRE(failure.has_value());
    CHECK(failure->type == "Runtime.WorkerLost");
    CHECK(php.kills() == 1);
  }

  TEST_CASE(
      "a ready worker that exits, sends a frame or closes its channel is not ready any more") {
    const Settings settings;
    using Act = void (*)(FakeWorker&);
    for (const Act act :
         {Act([](FakeWorker& php) { php.exit(0); }), Act([](FakeWorker& php) { php.say_ready(); }),
          Act([](FakeWorker& php) { php.say_bytes("PHP Notice"); }),
          Act([](FakeWorker& php) { php.close_channel(); })}) {
      FakeWorker php;
      const auto worker = php.make(settings);
      php.say_ready();
      REQUIRE_FALSE(worker->await_ready(soon()).has_value());
      act(php);
      CHECK_FALSE(worker->ready());
      worker->retire();
    }
  }

  TEST_CASE("a worker that is not needed is killed, which does not count as a crash") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.say_ready();
    REQUIRE_FALSE(worker->await_ready(soon()).has_value());
    worker->retire();
    CHECK(php.kills() == 1);
    CHECK_FALSE(worker->crashed());
    CHECK_FALSE(worker->ready());
  }
}

}  // namespace phork::strategies
