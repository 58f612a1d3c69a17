// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/async_invocations.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

Event event(std::string id, std::string payload = "{}") {
  Event made;
  made.request_id = std::move(id);
  made.payload = std::move(payload);
  return made;
}

// A function whose attempts the test watches, fails and holds.
class Function {
 public:
  EventResult invoke(const Event& seen) {
    std::unique_lock lock(mutex_);
    attempts_.push_back(seen);
    ++running_;
    most_running_ = std::max(most_running_, running_);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    --running_;
    EventResult result;
    if (failures_ > 0) {
      --failures_;
      result.ending = Ending::kFailed;
      result.error_type = "Function.Broken";
    } else {
      result.ending = Ending::kAnswered;
      ++answered_;
    }
    changed_.notify_all();
    return result;
  }

  void report(const std::string& id, std::string_view message) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(id + ": " + std::string(message));
    changed_.notify_all();
  }

  void fail(unsigned times) { failures_ = times; }

  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  // False when it does not happen within 10 s.
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, condition);
  }

  std::vector<Event> attempts() {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  bool attempted(std::size_t count) {
    return wait([this, count] { return attempts_.size() >= count; });
  }

  bool answered(unsigned count) {
    return wait([this, count] { return answered_ >= count; });
  }

  bool reported(std::size_t count) {
    return wait([this, count] { return lines_.size() >= count; });
  }

  unsigned most_running() {
    const std::lock_guard lock(mutex_);
    return most_running_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> attempts_;
  std::vector<std::string> lines_;
  unsigned failures_ = 0;
  unsigned answered_ = 0;
  unsigned running_ = 0;
  unsigned most_running_ = 0;
  bool held_ = false;
};

struct Fixture {
  Function function;

  AsyncInvocations invocations(AsyncOptions options) {
    return {
        options, [this](const Event& seen) { return function.invoke(seen); },
        [this](const std::string& id, std::string_view message) { function.report(id, message); }};
  }
};

}  // namespace

TEST_SUITE("asynchronous invocations") {
  TEST_CASE_FIXTURE(Fixture, "a successful event is served once and logs nothing") {
    AsyncInvocations async = invocations({.retry_delay = 0ms});
    CHECK(async.accept(event("a", "[1]")));
    REQUIRE(function.answered(1));
    async.stop();
    REQUIRE(function.attempts().size() == 1);
    CHECK(function.attempts().front().payload == "[1]");
    CHECK(function.lines().empty());
  }

  TEST_CASE_FIXTURE(
      Fixture,
      "an event is tried three times, with one request id and an invocation id for each attempt") {
    function.fail(3);
    AsyncInvocations async = invocations({.retry_delay = 0ms});
    CHECK(async.accept(event("a")));
    REQUIRE(function.reported(3));
    async.stop();
    const std::vector<Event> attempts = function.attempts();
    REQUIRE(attempts.size() == 3);
    for (const Event& attempt : attempts) CHECK(attempt.request_id == "a");
    CHECK(attempts[0].invocation_id.size() == 36);
    CHECK(attempts[0].invocation_id != attempts[1].invocation_id);
    CHECK(attempts[1].invocation_id != attempts[2].invocation_id);
    CHECK(function.lines().back() ==
          "a: asynchronous event given up: attempt 3 of 3 failed: Function.Broken");
  }

  TEST_CASE_FIXTURE(Fixture, "a successful attempt is the last one") {
    function.fail(2);
    AsyncInvocations async = invocations({.retry_delay = 0ms});
    CHECK(async.accept(event("a")));
    REQUIRE(function.answered(1));
    async.stop();
    CHECK(function.attempts().size() == 3);
    CHECK(function.lines().size() == 2);
  }

  TEST_CASE_FIXTURE(Fixture, "the second attempt waits, and the third twice as long") {
    function.fail(3);
    AsyncInvocations async = invocations({.retry_delay = 20ms});
    const Clock::time_point accepted = Clock::now();
    CHECK(async.accept(event("a")));
    REQUIRE(function.attempted(2));
    CHECK(Clock::now() - accepted >= 20ms);
    REQUIRE(function.attempted(3));
    CHECK(Clock::now() - accepted >= 60ms);
  }

  TEST_CASE_FIXTURE(Fixture, "other events do not wait for an attempt that is due later") {
    function.fail(1);
    AsyncInvocations async = invocations({.retry_delay = 1h});
    CHECK(async.accept(event("a")));
    REQUIRE(function.reported(1));
    CHECK(function.lines().front() ==
          "a: attempt 1 of 3 failed: Function.Broken, next attempt in 3600 s");
    CHECK(async.accept(event("b")));
    REQUIRE(function.answered(1));
    async.stop();
    CHECK(function.lines().back() == "a: asynchronous event given up: phork is stopping");
  }

  TEST_CASE_FIXTURE(Fixture, "as many run at once as there are threads") {
    function.hold(true);
    AsyncInvocations async = invocations({.threads = 3});
    for (const char* id : {"a", "b", "c", "d", "e"}) CHECK(async.accept(event(id)));
    REQUIRE(function.attempted(3));
    function.hold(false);
    REQUIRE(function.answered(5));
    CHECK(function.most_running() == 3);
  }

  TEST_CASE_FIXTURE(Fixture, "events of one thread are served in order of arrival") {
    AsyncInvocations async = invocations({});
    for (const char* id : {"a", "b", "c", "d"}) CHECK(async.accept(event(id)));
    REQUIRE(function.answered(4));
    std::string order;
    for (const Event& attempt : function.attempts()) order += attempt.request_id;
    CHECK(order == "abcd");
  }

  TEST_CASE_FIXTURE(Fixture, "events over the limits of number and size are refused") {
    function.hold(true);
    AsyncInvocations async = invocations({.most_events = 2, .most_bytes = 10});
    CHECK(async.accept(event("a")));
    REQUIRE(function.attempted(1));
    CHECK(async.accept(event("b", "12345678")));
    CHECK_FALSE(async.accept(event("c", "123")));
    CHECK(async.accept(event("d", "12")));
    CHECK_FALSE(async.accept(event("e", "")));
    function.hold(false);
    REQUIRE(function.answered(3));
    CHECK(async.accept(event("f", "1234567890")));
    CHECK(function.answered(4));
  }

  TEST_CASE_FIXTURE(Fixture, "an event over the age limit is not tried again") {
    function.fail(1);
    AsyncInvocations async = invocations({.retry_delay = 1h, .max_age = 1min});
    CHECK(async.accept(event("a")));
    REQUIRE(function.reported(1));
    CHECK(function.lines().front() ==
          "a: asynchronous event given up: attempt 1 of 3 failed: Function.Broken, and another "
          "attempt would come after the age limit");
  }

  TEST_CASE_FIXTURE(Fixture,
                    "stopping drops waiting events with a line for each, and accepts no more") {
    function.fail(2);
    AsyncInvocations async = invocations({.retry_delay = 1h});
    CHECK(async.accept(event("a")));
    CHECK(async.accept(event("b")));
    REQUIRE(function.reported(2));
    async.stop();
    REQUIRE(function.lines().size() == 4);
    CHECK(function.lines()[2] == "a: asynchronous event given up: phork is stopping");
    CHECK(function.lines()[3] == "b: asynchronous event given up: phork is stopping");
    CHECK_FALSE(async.accept(event("c")));
  }
}
