// SPDX-License-Identifier: MIT
#include "emulator/event/dispatcher.h"

#include <regex>

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

class Recorder final : public IdleRuntime {
 public:
  std::optional<PendingEvent> deliver(PendingEvent pending) override {
    if (refusals > 0) {
      --refusals;
      return pending;
    }
    taken.push_back(std::move(pending));
    return std::nullopt;
  }

  std::vector<PendingEvent> taken;
  int refusals = 0;
};

Event event(const std::string& payload) {
  Event made;
  made.payload = payload;
  return made;
}

EventResult answer(const std::string& body) {
  return {.ending = Ending::kAnswered, .body = body, .error_type = {}, .content_type = {}};
}

}  // namespace

TEST_CASE("events go to runtimes in order of arrival, one for each offer") {
  Dispatcher dispatcher;
  Recorder runtime;
  dispatcher.submit(event("1"));
  dispatcher.submit(event("2"));
  dispatcher.offer(runtime);
  REQUIRE(runtime.taken.size() == 1);
  CHECK(dispatcher.backlog() == 1);
  dispatcher.offer(runtime);
  dispatcher.submit(event("3"));
  dispatcher.offer(runtime);
  REQUIRE(runtime.taken.size() == 3);
  CHECK(runtime.taken[0].event.payload == "1");
  CHECK(runtime.taken[1].event.payload == "2");
  CHECK(runtime.taken[2].event.payload == "3");
}

TEST_CASE("an event that a runtime returns keeps its place and goes to the next runtime") {
  Dispatcher dispatcher;
  Recorder gone;
  gone.refusals = 1;
  Recorder alive;
  dispatcher.submit(event("1"));
  dispatcher.submit(event("2"));
  dispatcher.offer(gone);
  CHECK(gone.taken.empty());
  dispatcher.offer(alive);
  REQUIRE(alive.taken.size() == 1);
  CHECK(alive.taken[0].event.payload == "1");
}

TEST_CASE("a runtime that has withdrawn gets no event") {
  Dispatcher dispatcher;
  Recorder runtime;
  dispatcher.offer(runtime);
  dispatcher.withdraw(runtime);
  dispatcher.submit(event("1"));
  CHECK(runtime.taken.empty());
  CHECK(dispatcher.backlog() == 1);
}

TEST_CASE("the first result of an event counts and is handed over once") {
  Dispatcher dispatcher;
  Recorder runtime;
  dispatcher.offer(runtime);
  const EventId id = dispatcher.submit(event("1"));
  dispatcher.complete(id, answer("first"));
  dispatcher.complete(id, answer("second"));
  const auto result = dispatcher.wait(id);
  REQUIRE(result.has_value());
  CHECK(result->body == "first");
  CHECK_FALSE(dispatcher.wait(id, Clock::now()).has_value());
}

TEST_CASE("an event whose caller gave up leaves the queue, and a late result is dropped") {
  Dispatcher dispatcher;
  const EventId id = dispatcher.submit(event("1"));
  CHECK_FALSE(dispatcher.wait(id, Clock::now()).has_value());
  CHECK(dispatcher.backlog() == 0);
  dispatcher.complete(id, answer("late"));
  CHECK_FALSE(dispatcher.wait(id, Clock::now()).has_value());
}

TEST_CASE("the backlog hook is called for events that must wait") {
  Dispatcher dispatcher;
  Recorder runtime;
  int backlogs = 0;
  dispatcher.on_backlog([&backlogs] { ++backlogs; });
  dispatcher.offer(runtime);
  dispatcher.submit(event("1"));
  CHECK(backlogs == 0);
  dispatcher.submit(event("2"));
  CHECK(backlogs == 1);
}

TEST_CASE("the backlog hook is called for an event that a runtime returns, on any thread") {
  Dispatcher dispatcher;
  Recorder runtime;
  runtime.refusals = 1;
  dispatcher.submit(event("1"));
  int backlogs = 0;
  dispatcher.on_backlog([&backlogs] { ++backlogs; });
  dispatcher.offer(runtime);
  CHECK(backlogs == 1);
  CHECK(dispatcher.backlog() == 1);
  dispatcher.submit(event("2"));
  CHECK(backlogs == 2);
  dispatcher.offer(runtime);
  CHECK(runtime.taken.size() == 1);
  CHECK(backlogs == 2);
}

TEST_CASE("the backlog hook is called again for an event that has waited for a while") {
  Dispatcher dispatcher;
  std::vector<std::size_t> overdue;
  dispatcher.on_backlog([&] { overdue.push_back(dispatcher.overdue()); });
  const EventId id = dispatcher.submit(event("1"));
  CHECK(overdue.size() == 1);
  CHECK_FALSE(dispatcher.wait(id, Clock::now() + 2 * Dispatcher::kQueueTimeout).has_value());
  REQUIRE(overdue.size() == 2);
  CHECK(overdue[1] == 1);
}

TEST_CASE("the event that waited longest can be taken, and answered without a runtime") {
  Dispatcher dispatcher;
  const EventId id = dispatcher.submit(event("1"));
  dispatcher.submit(event("2"));
  const std::optional<PendingEvent> oldest = dispatcher.take_oldest();
  REQUIRE(oldest.has_value());
  CHECK(oldest->id == id);
  CHECK(dispatcher.backlog() == 1);
  dispatcher.complete(id, answer("without"));
  const auto result = dispatcher.wait(id);
  REQUIRE(result.has_value());
  CHECK(result->body == "without");
  CHECK(dispatcher.take_oldest().has_value());
  CHECK_FALSE(dispatcher.take_oldest().has_value());
}

TEST_CASE("after closing, waiting events and new ones end unserved") {
  Dispatcher dispatcher;
  const EventId before = dispatcher.submit(event("1"));
  dispatcher.close();
  const EventId after = dispatcher.submit(event("2"));
  for (const EventId id : {before, after}) {
    const auto result = dispatcher.wait(id);
    REQUIRE(result.has_value());
    CHECK(result->ending == Ending::kNotServed);
  }
}

TEST_CASE("ids have the form that runtimes parse") {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex trace("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0");
  for (int i = 0; i < 100; ++i) {
    CHECK(std::regex_match(make_uuid(), uuid));
    CHECK(std::regex_match(make_trace_id(), trace));
  }
  CHECK(make_uuid() != make_uuid());
}
