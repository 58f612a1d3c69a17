// SPDX-License-Identifier: MIT
#include "strategies/worker/slot.h"

#include <chrono>
#include <csignal>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <variant>

#include <doctest/doctest.h>

#include "tests/support/kept_stream.h"
#include "tests/unit/strategies/kept_lines.h"
#include "tests/unit/strategies/worker/fake_worker.h"

namespace phork::strategies {
namespace {

using namespace std::chrono_literals;
using testing::FakeWorker;

// The workers of a slot, and a thread for each of them.
struct Workshop {
  testing::KeptLines log;
  // The part of PHP in a worker; `number` counts workers from 1.
  std::function<void(FakeWorker& php, int number)> play = [](FakeWorker& php, int number) {
    php.say_ready();
    if (php.hear()) php.say_answer(std::to_string(number));
    php.exit(0);
  };
  Settings settings;
  bool broken = false;  // start() fails
  bool stale = false;
  int refreshed = 0;
  int ended = 0;
  std::deque<FakeWorker> workers;
  std::vector<std::jthread> threads;  // last: they must end first

  int started() const { return static_cast<int>(workers.size()); }
};

class WorkshopSource final : public WorkerSource {
 public:
  explicit WorkshopSource(Workshop& shop) : shop_(shop) {}

  base::Result<std::unique_ptr<Worker>> start() override {
    if (shop_.broken) return base::Error{base::ErrorKind::kSystem, "test: start: broken"};
    FakeWorker& php = shop_.workers.emplace_back();
    auto worker = php.make(shop_.settings);
    shop_.threads.emplace_back([this, &php, number = shop_.started()] { shop_.play(php, number); });
    return worker;
  }

  bool stale() override { return shop_.stale; }

  void refresh() override {
    ++shop_.refreshed;
    shop_.stale = false;
    shop_.broken = false;
  }

  void ended(const Worker& worker) override {
    CHECK(worker.used());
    ++shop_.ended;
  }

 private:
  Workshop& shop_;
};

std::unique_ptr<WorkerSlot> make_slot(Workshop& shop, unsigned spares) {
  return std::make_unique<WorkerSlot>(std::make_unique<WorkshopSource>(shop), shop.settings,
                                      spares);
}

std::string serve(WorkerSlot& slot) {
  event::Invocation event;
  event.request_id = "r";
  event.deadline =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
      10s;
  event.event = "{}";
  phork::testing::KeptStream stream;
  const Served served = slot.serve(event, stream);
  if (const auto* answer = std::get_if<event::Answer>(&served.outcome)) return answer->body;
  return std::get<event::Failure>(served.outcome).type;
}

}  // namespace

TEST_SUITE("worker_slot") {
  TEST_CASE("a slot opens with its spares booted") {
    Workshop shop;
    const auto slot = make_slot(shop, 2);
    CHECK_FALSE(slot->open().has_value());
    CHECK(shop.started() == 2);
  }

  TEST_CASE("each event gets its own worker, and renew makes the next one ready") {
    Workshop shop;
    const auto slot = make_slot(shop, 1);
    REQUIRE_FALSE(slot->open().has_value());
    for (int event = 1; event <= 3; ++event) {
      CHECK(serve(*slot) == std::to_string(event));
      CHECK(slot->renew().ok());
      CHECK(shop.started() == event + 1);
      CHECK(shop.ended == event);
    }
  }

  TEST_CASE("without spares, each event starts its worker") {
    Workshop shop;
    const auto slot = make_slot(shop, 0);
    REQUIRE_FALSE(slot->open().has_value());
    CHECK(shop.started() == 0);
    CHECK(serve(*slot) == "1");
    CHECK(slot->renew().ok());
    CHECK(shop.started() == 1);
    CHECK(shop.ended == 1);
  }

  TEST_CASE("a slot whose workers do not boot does not open") {
    Workshop shop;
    shop.play = [](FakeWorker& php, int) {
      php.say(wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, {"Broken", "", {}}}));
      php.exit(1);
    };
    const auto slot = make_slot(shop, 1);
    const auto failure = slot->open();
    REQUIRE(failure.has_value());
    CHECK(failure->type == "Broken");
  }

  TEST_CASE("a slot that cannot start a worker does not open") {
    Workshop shop;
    shop.broken = true;
    CHECK(make_slot(shop, 1)->open().has_value());
  }

  TEST_CASE("an event fails when its worker cannot be started, and the slot serves the next one") {
    Workshop shop;
    const auto slot = make_slot(shop, 0);
    shop.broken = true;
    CHECK(serve(*slot) == "Runtime.WorkerNotStarted");
    shop.broken = false;
    CHECK(slot->renew().ok());
    CHECK(serve(*slot) == "1");
  }

  TEST_CASE("a spare that died before its event is replaced, and the event is served") {
    Workshop shop;
    shop.play = [](FakeWorker& php, int number) {
      php.say_ready();
      if (number == 1) return php.die(SIGKILL);
      if (php.hear()) php.say_answer(std::to_string(number));
      php.exit(0);
    };
    const auto slot = make_slot(shop, 1);
    REQUIRE_FALSE(slot->open().has_value());
    shop.threads.front().join();
    CHECK(serve(*slot) == "2");
    CHECK(slot->renew().ok());
    CHECK(serve(*slot) == "3");
  }

  TEST_CASE("after a spare that failed to boot, the next event starts its own worker") {
    Workshop shop;
    shop.play = [](FakeWorker& php, int number) {
      if (number == 2) return php.exit(255);
      php.say_ready();
      if (php.hear()) php.say_answer(std::to_string(number));
      php.exit(0);
    };
    const auto slot = make_slot(shop, 1);
    REQUIRE_FALSE(slot->open().has_value());
    CHECK(serve(*slot) == "1");
    CHECK(slot->renew().ok());
    CHECK(serve(*slot) == "3");
  }

  TEST_CASE("a stale source is refreshed between two events, after all its workers have ended") {
    Workshop shop;
    const auto slot = make_slot(shop, 1);
    REQUIRE_FALSE(slot->open().has_value());
    CHECK(serve(*slot) == "1");
    shop.stale = true;
    CHECK(slot->renew().ok());
    CHECK(shop.refreshed == 1);
    CHECK(shop.ended == 1);
    CHECK(serve(*slot) == "2");
  }

  TEST_CASE("a source that is stale when an event needs a worker is refreshed at once") {
    Workshop shop;
    const auto slot = make_slot(shop, 0);
    shop.broken = true;
    shop.stale = true;
    CHECK(serve(*slot) == "1");
    CHECK(shop.refreshed == 1);
  }
}

}  // namespace phork::strategies
