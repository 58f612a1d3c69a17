// SPDX-License-Identifier: MIT
//
// Streamed responses through the Runtime API, from a runtime's socket to the caller's sink.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <poll.h>
#include <thread>

#include <doctest/doctest.h>

#include "tests/unit/emulator/raw_runtime.h"
#include "tests/unit/emulator/stream_fixture.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::RawRuntime;
using Fixture = phork::emulator::test::StreamFixture;
using phork::emulator::test::stream_options;

namespace {

bool has_error_type(const RawRuntime& runtime, const std::string& type) {
  return runtime.body().find("\"errorType\":\"" + type + "\"") != std::string::npos;
}

// Endless bytes without a period that divides a buffer's length, so that swapped parts show.
class Pattern {
 public:
  static constexpr std::size_t kPeriod = 65'537;

  Pattern() : twice_(2 * kPeriod, '\0') {
    for (std::size_t i = 0; i < twice_.size(); ++i) {
      twice_[i] = static_cast<char>(i % kPeriod * 2'654'435'761U >> 24);
    }
  }

  // At most one period.
  std::string_view at(std::size_t offset, std::size_t count) const {
    return std::string_view(twice_).substr(offset % kPeriod, count);
  }

 private:
  std::string twice_;
};

std::size_t peak_memory_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  }
  return 0;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first byte reaches the caller before the runtime ends the body") {
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/event-stream");
  runtime.chunk("one ");
  CHECK(sink.wait_for(4) == "one ");
  CHECK(sink.content_type() == "text/event-stream");
  runtime.chunk("two");
  CHECK(sink.wait_for(7) == "one two");
  CHECK(api.state() == RuntimeState::kResponding);
  CHECK(runtime.end() == 202);
  const EventResult answer = result.get();
  CHECK(answer.answered());
  CHECK(answer.streamed);
  CHECK(answer.body.empty());
  const EventRecord record = last_record(runtime);
  CHECK(record.streamed);
  CHECK(record.ending == Ending::kAnswered);
  CHECK(record.first_byte > 0us);
  CHECK(record.first_byte < record.latency);
}

TEST_CASE_FIXTURE(Fixture, "without a sink a streamed answer is collected, whatever its framing") {
  auto result = invoke("r-1", nullptr);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  SUBCASE("chunked") {
    runtime.begin("text/plain");
    runtime.chunk("hello ");
    runtime.chunk("you");
    CHECK(runtime.end() == 202);
  }
  SUBCASE("with a length") {
    runtime.socket().send(
        "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\nContent-Length: "
        "9\r\n"
        "Content-Type: text/plain\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n"
        "hello you");
    CHECK(runtime.reply() == 202);
  }
  const EventResult answer = result.get();
  CHECK(answer.body == "hello you");
  CHECK(answer.content_type == "text/plain");
}

TEST_CASE_FIXTURE(Fixture,
                  "an error in the trailers fails the event, although the response is accepted") {
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  runtime.chunk("half");
  std::string body;
  SUBCASE("both") {
    // {"errorMessage":"m"}
    CHECK(runtime.end("Lambda-Runtime-Function-Error-Type: Function.Half\r\n"
                      "Lambda-Runtime-Function-Error-Body: eyJlcnJvck1lc3NhZ2UiOiJtIn0=\r\n") ==
          202);
    body = R"({"errorMessage":"m"})";
  }
  SUBCASE("a body of invalid base64") {
    CHECK(runtime.end("Lambda-Runtime-Function-Error-Type: Function.Half\r\n"
                      "Lambda-Runtime-Function-Error-Body: {}\r\n") == 202);
    body = R"({"errorType":"Function.Half","errorMessage":"expected an error body in base64"})";
  }
  const EventResult failed = result.get();
  CHECK(failed.ending == Ending::kFailed);
  CHECK(failed.error_type == "Function.Half");
  CHECK(failed.body == body);
  CHECK(sink.wait_for(4) == "half");
  CHECK(last_record(runtime).error_type == "Function.Half");
}

TEST_CASE_FIXTURE(Fixture, "a type that Lambda does not know is rewritten in a trailer too") {
  auto result = invoke("r-1", nullptr);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  CHECK(runtime.end("Lambda-Runtime-Function-Error-Type: RuntimeException\r\n") == 202);
  CHECK(result.get().error_type == "Function.Unknown");
}

TEST_CASE_FIXTURE(Fixture,
                  "a body that is cut off fails the event and blocks the runtime for good") {
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  runtime.chunk("half");
  SUBCASE("by the end of the connection") {
    runtime.socket().half_close();
  }
  SUBCASE("by broken framing") {
    runtime.socket().send("zz\r\n");
  }
  CHECK(runtime.reply() == 400);
  CHECK(has_error_type(runtime, "TruncatedHTTPRequest"));
  CHECK(result.get().error_type == "Runtime.TruncatedResponse");
  CHECK(sink.wait_for(4) == "half");
  RawRuntime again(api.address());
  CHECK(again.next() == 403);
}

TEST_CASE("a runtime that is killed at its deadline in the middle of a response has timed out") {
  RuntimeApiServer::Options hasty = stream_options();
  hasty.timeout = 1ms;
  Fixture fixture(hasty);
  auto result = fixture.invoke("r-1", &fixture.sink);
  RawRuntime runtime(fixture.api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  runtime.chunk("half");
  while (Clock::now() < fixture.api.deadline()) std::this_thread::yield();
  runtime.socket().close();
  const EventResult timed_out = result.get();
  CHECK(timed_out.ending == Ending::kTimedOut);
  CHECK(timed_out.error_type == "Sandbox.Timedout");
}

TEST_CASE("bytes over the limit are not forwarded, and the runtime may ask for the next event") {
  RuntimeApiServer::Options small = stream_options();
  small.max_streamed_bytes = 10;
  Fixture fixture(small);
  auto result = fixture.invoke("r-1", &fixture.sink);
  RawRuntime runtime(fixture.api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  runtime.chunk("12345678");
  SUBCASE("exactly the limit") {
    runtime.chunk("90");
    CHECK(runtime.end() == 202);
    CHECK(result.get().answered());
  }
  SUBCASE("one byte more") {
    runtime.chunk("90x");
    const EventResult failed = result.get();
    CHECK(failed.ending == Ending::kFailed);
    CHECK(failed.error_type == "Function.ResponseSizeTooLarge");
    runtime.chunk("and so on");
    CHECK(runtime.end() == 413);
    CHECK(has_error_type(runtime, "RequestEntityTooLarge"));
  }
  CHECK(fixture.sink.wait_for(10) == "1234567890");
  fixture.submit("r-2");
  CHECK(runtime.next() == 200);
  CHECK(runtime.id() == "r-2");
}

TEST_CASE_FIXTURE(Fixture,
                  "a runtime notices that its caller has left, and may ask for the next event") {
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  sink.give_up();
  SUBCASE("while it sends") {
    const std::string part(std::size_t{64} << 10, 'x');
    while (runtime.chunk(part)) {
    }
  }
  SUBCASE("while it has nothing to send") {
    runtime.chunk("half");
    CHECK(runtime.socket().is_closed_by_peer());
  }
  const EventResult aborted = result.get();
  CHECK(aborted.ending == Ending::kAborted);
  CHECK(aborted.error_type == kCallerGone);
  RawRuntime again(api.address());
  submit("r-2");
  CHECK(again.next() == 200);
  CHECK(again.id() == "r-2");
  REQUIRE(observer.records().size() == 1);
  CHECK(observer.records()[0].ending == Ending::kAborted);
  CHECK(observer.records()[0].error_type == kCallerGone);
  CHECK_FALSE(observer.records()[0].failure.empty());
}

TEST_CASE_FIXTURE(Fixture, "a caller who does not read stops the runtime") {
  sink.set_holding(true);
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  // More than the sockets hold: anything beyond that would have to be buffered somewhere.
  constexpr std::size_t kTotal = std::size_t{32} << 20;
  std::atomic<bool> sent_all = false;
  std::thread sender([&] {
    const std::string part(std::size_t{1} << 20, 'x');
    for (std::size_t sent = 0; sent < kTotal; sent += part.size()) runtime.chunk(part);
    sent_all = true;
  });
  CHECK_FALSE(sink.wait_for(1).empty());
  pollfd full{runtime.socket().fd(), POLLOUT, 0};
  while (::poll(&full, 1, 100) != 0 && !sent_all) {
  }
  CHECK_FALSE(sent_all);
  sink.set_holding(false);
  sender.join();
  CHECK(runtime.end() == 202);
  CHECK(result.get().answered());
  CHECK(sink.wait_for(kTotal).size() == kTotal);
}

TEST_CASE_FIXTURE(Fixture, "30 MB arrive unchanged and are never all in memory") {
  class Comparing final : public StreamSink {
   public:
    void open(const std::string& /*content_type*/) override {}

    bool write(std::string_view bytes) override {
      equal = equal && bytes == pattern.at(count, bytes.size());
      count += bytes.size();
      return true;
    }

    const Pattern pattern;
    std::size_t count = 0;
    bool equal = true;
  };

  constexpr std::size_t kTotal = 30'000'000;
  Comparing comparing;
  auto result = invoke("r-1", &comparing);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const std::size_t before_kb = peak_memory_kb();
  runtime.begin("application/octet-stream");
  for (std::size_t sent = 0; sent < kTotal;) {
    const std::size_t step = std::min(1 + sent % Pattern::kPeriod, kTotal - sent);
    runtime.chunk(comparing.pattern.at(sent, step));
    sent += step;
  }
  CHECK(runtime.end() == 202);
  CHECK(result.get().answered());
  CHECK(comparing.count == kTotal);
  CHECK(comparing.equal);
  CHECK(peak_memory_kb() - before_kb < 10'000);
}

TEST_CASE_FIXTURE(Fixture, "the end of the process ends its response, read or not") {
  sink.set_holding(true);
  auto result = invoke("r-1", &sink);
  auto runtime = std::make_unique<RawRuntime>(api.address());
  REQUIRE(runtime->next() == 200);
  runtime->begin("text/plain");
  runtime->chunk("half");
  CHECK(sink.wait_for(4) == "half");
  // Fills the pipe, so that the connection's thread waits for the caller.
  runtime->chunk(std::string(3 * StreamPipe::kCapacityBytes, 'x'));
  api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
  api.process_started();
  RawRuntime fresh(api.address());
  submit("r-2");
  CHECK(fresh.next() == 200);
  sink.set_holding(false);
  CHECK(result.get().error_type == "Runtime.TruncatedResponse");
  REQUIRE(observer.records().size() == 1);
  CHECK(observer.records()[0].error_type == "Runtime.TruncatedResponse");
  CHECK(observer.records()[0].failure == "gone");
  CHECK(fresh.begin("text/plain"));
  CHECK(fresh.end() == 202);
}

TEST_CASE_FIXTURE(Fixture, "a response that nobody reads does not delay stopping") {
  const EventId id = submit("r-1");
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain");
  SUBCASE("idle") {
    runtime.chunk("x");
  }
  SUBCASE("full") {
    runtime.chunk(std::string(3 * StreamPipe::kCapacityBytes, 'x'));
  }
  api.stop();
  const auto result = dispatcher.wait(id);
  REQUIRE(result.has_value());
  CHECK_FALSE(result->answered());
}

TEST_CASE_FIXTURE(Fixture, "streams that are illegal in the state are refused without effect") {
  auto result = invoke("r-1", &sink);
  RawRuntime runtime(api.address());
  REQUIRE(runtime.next() == 200);
  runtime.begin("text/plain", "other");
  runtime.chunk("x");
  CHECK(runtime.end() == 400);
  CHECK(has_error_type(runtime, "InvalidRequestID"));
  runtime.begin("text/plain");
  runtime.chunk("right");
  CHECK(sink.wait_for(5) == "right");
  RawRuntime second(api.address());
  second.begin("text/plain", "r-1");
  CHECK(second.end() == 403);
  CHECK(second.next() == 403);
  CHECK(runtime.end() == 202);
  runtime.begin("text/plain");
  CHECK(runtime.end() == 403);
  CHECK(has_error_type(runtime, "InvalidStateTransition"));
  CHECK(result.get().answered());
  submit("r-2");
  CHECK(runtime.next() == 200);
}
