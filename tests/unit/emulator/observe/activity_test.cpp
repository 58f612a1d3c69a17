// SPDX-License-Identifier: MIT
#include "emulator/observe/activity.h"

#include <thread>

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

EventRecord record_of(const std::string& id, Ending ending = Ending::kAnswered) {
  return {.request_id = id,
          .ending = ending,
          .error_type = ending == Ending::kAnswered ? "" : "Runtime.ExitError",
          .queued = 5us,
          .latency = 300us,
          .billed = 450us};
}

void serve(Activity& activity, std::size_t environment, const std::string& id) {
  activity.handed_out(environment, id);
  activity.finished(environment, record_of(id), std::nullopt, 2048);
}

}  // namespace

TEST_CASE("an event runs from the hand-out until it has finished") {
  Activity activity("fork");
  activity.handed_out(3, "one");
  ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.invocations.size() == 1);
  CHECK(seen.invocations[0].running);
  CHECK(seen.invocations[0].environment == 3);
  CHECK(seen.invocations[0].strategy == "fork");
  CHECK(seen.events == 0);

  activity.finished(3, record_of("one", Ending::kExited), 12'000us, 4096);
  seen = activity.snapshot(0, 0);
  REQUIRE(seen.invocations.size() == 1);
  const InvocationView& view = seen.invocations[0];
  CHECK_FALSE(view.running);
  CHECK(view.ending == Ending::kExited);
  CHECK(view.error_type == "Runtime.ExitError");
  CHECK(view.queued == 5us);
  CHECK(view.latency == 300us);
  CHECK(view.billed == 450us);
  CHECK(view.init == 12'000us);
  CHECK(view.memory_kb == 4096);
  CHECK(seen.events == 1);
  CHECK(seen.errors == 1);
}

TEST_CASE("an event that was never handed out is an error without a latency") {
  Activity activity("fork");
  activity.finished(0, record_of("lost", Ending::kNotServed), std::nullopt, 0);
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.invocations.size() == 1);
  CHECK_FALSE(seen.invocations[0].running);
  CHECK(seen.errors == 1);
  CHECK(seen.latency.empty());
}

TEST_CASE("the same request id in two environments is two events") {
  Activity activity("fork");
  activity.handed_out(0, "same");
  activity.handed_out(1, "same");
  activity.finished(0, record_of("same"), std::nullopt, 0);
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.invocations.size() == 2);
  CHECK_FALSE(seen.invocations[0].running);
  CHECK(seen.invocations[1].running);
}

TEST_CASE("only the last events are kept, and one that is dropped while it runs still counts") {
  Activity activity("fork");
  activity.handed_out(9, "long");
  for (std::size_t i = 0; i < Activity::kMostInvocations; ++i) {
    serve(activity, 0, std::to_string(i));
  }
  CHECK(activity.snapshot(0, 0).invocations.size() == Activity::kMostInvocations);
  CHECK(activity.snapshot(0, 0).invocations.front().request_id == "0");
  activity.finished(9, record_of("long"), std::nullopt, 0);
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  CHECK(seen.invocations.size() == Activity::kMostInvocations);
  CHECK(seen.invocations.back().request_id == "long");
  CHECK(seen.events == Activity::kMostInvocations + 1);
}

TEST_CASE("a snapshot holds everything from the given sequence numbers on") {
  Activity activity("fork");
  for (int i = 1; i <= 10; ++i) {
    serve(activity, 0, "r" + std::to_string(i));
    activity.log(0, "", "line " + std::to_string(i));
  }
  const ActivitySnapshot seen = activity.snapshot(8, 10);
  REQUIRE(seen.invocations.size() == 3);
  CHECK(seen.invocations.front().sequence == 8);
  CHECK(seen.invocations.front().request_id == "r8");
  REQUIRE(seen.log.size() == 1);
  CHECK(seen.log.front().text == "line 10");
  CHECK(activity.snapshot(11, 11).invocations.empty());
  CHECK(activity.snapshot(1000, 1000).log.empty());
}

TEST_CASE("the log keeps its last lines, in order and without gaps") {
  Activity activity("fork");
  for (std::size_t i = 0; i < Activity::kMostLogLines + 50; ++i) {
    activity.log(i % 3, "r", std::to_string(i));
  }
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.log.size() == Activity::kMostLogLines);
  for (std::size_t i = 0; i < seen.log.size(); ++i) {
    CHECK(seen.log[i].sequence == i + 51);
    CHECK(seen.log[i].text == std::to_string(i + 50));
  }
}

TEST_CASE("long log lines push out older ones, but never themselves") {
  Activity activity("fork");
  activity.log(0, "", "old");
  activity.log(0, "", std::string(Activity::kMostLogBytes, 'x'));
  CHECK(activity.snapshot(0, 0).log.size() == 1);
  activity.log(0, "", "new");
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.log.size() == 1);
  CHECK(seen.log[0].text == "new");
}

TEST_CASE("environments are listed by id, with gaps in state none") {
  Activity activity("fork");
  EnvironmentView view;
  view.id = 2;
  view.state = EnvironmentState::kBusy;
  view.pid = 77;
  activity.set_environment(view);
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.environments.size() == 3);
  CHECK(seen.environments[0].state == EnvironmentState::kNone);
  CHECK(seen.environments[1].id == 1);
  CHECK(seen.environments[2].pid == 77);
  CHECK(name_of(seen.environments[2].state) == "busy");
}

TEST_CASE("latencies are counted by the strategy that the runtime named last") {
  Activity activity("label");
  serve(activity, 0, "a");
  activity.set_strategy("fork", "during");
  serve(activity, 0, "b");
  serve(activity, 0, "c");
  const ActivitySnapshot seen = activity.snapshot(0, 0);
  REQUIRE(seen.latency.size() == 2);
  CHECK(seen.latency[0].strategy == "label");
  CHECK(seen.latency[0].count == 1);
  CHECK(seen.latency[1].strategy == "fork");
  CHECK(seen.latency[1].count == 2);
  CHECK(seen.refill == "during");
}

TEST_CASE("each snapshot asks for the length of the queue") {
  Activity activity("fork");
  CHECK(activity.snapshot(0, 0).queued == 0);
  std::size_t waiting = 4;
  activity.on_queue_asked([&waiting] { return waiting++; });
  CHECK(activity.snapshot(0, 0).queued == 4);
  CHECK(activity.snapshot(0, 0).queued == 5);
}

TEST_CASE("the log of a request holds only its own lines, and only the requested end") {
  Activity activity("fork");
  activity.log(0, "a", "START a");
  activity.log(1, "b", "START b");
  activity.log(0, "a", "hello");
  activity.log(0, "", "between");
  CHECK(activity.log_of("a", 4096, Clock::now()) == "START a\nhello\n");
  CHECK(activity.log_of("a", 8, Clock::now()) == "a\nhello\n");
  CHECK(activity.log_of("a", 3, Clock::now()) == "lo\n");
  CHECK(activity.log_of("a", 0, Clock::now()).empty());
  CHECK(activity.log_of("unknown", 4096, Clock::time_point::max()).empty());
}

TEST_CASE("reading the log of a running request waits for its last line") {
  Activity activity("fork");
  activity.handed_out(0, "a");
  CHECK(activity.log_of("a", 4096, Clock::now()).empty());
  std::thread environment([&activity] {
    activity.log(0, "a", "REPORT a");
    activity.finished(0, record_of("a"), std::nullopt, 0);
  });
  CHECK(activity.log_of("a", 4096, Clock::now() + 60s) == "REPORT a\n");
  environment.join();
}

TEST_CASE("latency buckets grow steadily and hold the values below their limit") {
  CHECK(bucket_limit_us(0) == 16);
  CHECK(bucket_limit_us(8) == 32);
  CHECK(bucket_limit_us(16) == 64);
  for (std::size_t n = 1; n + 1 < kLatencyBuckets; ++n) {
    CHECK(bucket_limit_us(n) > bucket_limit_us(n - 1));
    CHECK(bucket_limit_us(n) * 100 < bucket_limit_us(n - 1) * 113);
  }
  LatencyHistogram histogram;
  histogram.add(0us);
  histogram.add(15us);
  histogram.add(16us);
  histogram.add(31us);
  histogram.add(32us);
  histogram.add(24h);
  CHECK(histogram.count == 6);
  CHECK(histogram.buckets[0] == 2);
  CHECK(histogram.buckets[1] == 1);
  CHECK(histogram.buckets[8] == 1);
  CHECK(histogram.buckets[9] == 1);
  CHECK(histogram.buckets[kLatencyBuckets - 1] == 1);
}

TEST_CASE("many may write while others read") {
  Activity activity("fork");
  std::vector<std::thread> writers;
  for (std::size_t id = 0; id < 4; ++id) {
    writers.emplace_back([&activity, id] {
      for (int i = 0; i < 500; ++i) {
        const std::string request = std::to_string(id) + '-' + std::to_string(i);
        activity.handed_out(id, request);
        activity.log(id, request, "line");
        activity.finished(id, record_of(request), std::nullopt, 0);
      }
    });
  }
  std::uint64_t last = 0;
  while (activity.snapshot(0, 0).events < 2000) {
    for (const LogLineView& line : activity.snapshot(0, last + 1).log) {
      CHECK(line.sequence > last);
      last = line.sequence;
    }
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(activity.snapshot(0, 0).latency.at(0).count == 2000);
}

TEST_CASE("an invocation has the request that it came from, and the status of its reply") {
  Activity activity("fork");
  activity.requested("one", "GET", "/a");
  activity.requested("two", "POST", "/b");
  activity.handed_out(0, "one");
  CHECK(activity.snapshot(0, 0).invocations[0].request.status == 0);
  activity.replied("one", 200, false);
  activity.finished(0, record_of("one"), std::nullopt, 1);
  // Not served: the reply comes first.
  activity.replied("two", 500, false);
  activity.finished(0, record_of("two", Ending::kNotServed), std::nullopt, 1);
  serve(activity, 0, "three");
  const std::vector<InvocationView> seen = activity.snapshot(0, 0).invocations;
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].request.method == "GET");
  CHECK(seen[0].request.path == "/a");
  CHECK(seen[0].request.status == 200);
  CHECK(seen[1].request.method == "POST");
  CHECK(seen[1].request.status == 500);
  CHECK(seen[2].request.method.empty());
  CHECK(seen[2].request.status == 0);
}

TEST_CASE("an answer that is an error counts as one") {
  Activity activity("fork");
  activity.requested("one", "GET", "/a");
  serve(activity, 0, "one");
  activity.replied("one", 503, true);
  CHECK(activity.snapshot(0, 0).errors == 1);
  CHECK(activity.snapshot(0, 0).events == 1);
}
