// SPDX-License-Identifier: MIT
//
// Faults as a runtime sees them, through the sockets of a Runtime API with a fault plan.
#include "emulator/runtime_api/fault_injector.h"

#include <atomic>
#include <cerrno>
#include <future>
#include <initializer_list>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "emulator/runtime_api/server.h"
#include "tests/unit/emulator/fake_runtime.h"
#include "tests/unit/emulator/raw_runtime.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::FakeRuntime;
using phork::emulator::test::RawRuntime;
using phork::emulator::test::Reply;

namespace {

class Observer final : public RuntimeObserver {
 public:
  void init_done() override { ++inits; }

  void finished(const EventRecord& record) override { last = record; }

  void fault_due(const Fault& fault) override { faults_due.push_back(fault.spec); }

  std::atomic<int> inits = 0;
  EventRecord last;
  std::vector<std::string> faults_due;
};

std::vector<Fault> parsed(std::initializer_list<std::string_view> specs) {
  std::vector<Fault> all;
  for (const std::string_view spec : specs) all.push_back(parse_fault(spec).value());
  return all;
}

struct Faulty {
  phork::base::Fd file{::memfd_create("log", MFD_CLOEXEC)};
  LogSink log{file.get()};
  FaultPlan plan;
  Dispatcher dispatcher;
  Observer observer;
  RuntimeApiServer api;
  FakeRuntime runtime;

  Faulty(std::initializer_list<std::string_view> specs)
      : plan(parsed(specs), log), api(dispatcher, observer, options(plan)), runtime(started(api)) {}

  static RuntimeApiServer::Options options(FaultPlan& plan) {
    RuntimeApiServer::Options made;
    made.timeout = 60s;
    made.faults = &plan;
    return made;
  }

  static std::string started(RuntimeApiServer& api) {
    REQUIRE(api.start().ok());
    return api.address();
  }

  EventId submit(const std::string& id) {
    Event event;
    event.request_id = id;
    event.payload = "{}";
    return dispatcher.submit(std::move(event));
  }

  std::size_t logged_bytes() {
    log.flush();
    return static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END));
  }

  EventResult result(EventId id) {
    auto found = dispatcher.wait(id, Clock::now() + 20s);
    REQUIRE(found.has_value());
    return std::move(*found);
  }
};

// A fault and its effect: an HTTP status and error type, or an errno.
struct Case {
  const char* spec;
  int status;
  const char* type = "";
};

bool has_error(const Reply& reply, int status, const std::string& type) {
  return reply.status == status &&
         reply.body.find("\"errorType\":\"" + type + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE("a refused next costs no event, and the one after it is served") {
  for (const Case& each : {Case{"next:500@2", 500, "InternalServerError"},
                           Case{"next:403@2", 403, "InvalidStateTransition"}}) {
    CAPTURE(each.spec);
    Faulty faulty{each.spec};
    const EventId first = faulty.submit("r-1");
    CHECK(faulty.runtime.next().request_id() == "r-1");
    faulty.runtime.respond("r-1", "1");
    CHECK(faulty.result(first).body == "1");
    faulty.submit("r-2");
    CHECK(has_error(faulty.runtime.next(), each.status, each.type));
    CHECK(faulty.runtime.next().request_id() == "r-2");
  }
}

TEST_CASE("a dropped or reset next ends its connection without an answer") {
  for (const char* spec : {"next:drop", "next:reset"}) {
    CAPTURE(spec);
    Faulty faulty{spec};
    RawRuntime runtime(faulty.api.address());
    CHECK(runtime.next() == 0);
    CHECK(faulty.observer.inits == 0);
    faulty.submit("r-1");
    CHECK(faulty.runtime.next().request_id() == "r-1");
  }
}

TEST_CASE("a reset sends a RST, and a drop ends the connection in order") {
  for (const Case& each : {Case{"next:reset", ECONNRESET}, Case{"next:drop", 0}}) {
    CAPTURE(each.spec);
    Faulty faulty{each.spec};
    RawRuntime runtime(faulty.api.address());
    runtime.socket().send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(runtime.socket().is_closed_by_peer());
    CHECK(errno == each.status);
  }
}

TEST_CASE("a post that came too late fails its event, and the runtime gets the next one") {
  for (const Case& each : {Case{"response:410", 410, "InvokeTimeout"},
                           Case{"response:400", 400, "InvalidRequestID"}}) {
    CAPTURE(each.spec);
    Faulty faulty{each.spec};
    const EventId late = faulty.submit("r-1");
    faulty.runtime.next();
    CHECK(has_error(faulty.runtime.respond("r-1", "x"), each.status, each.type));
    const EventResult result = faulty.result(late);
    CHECK(result.ending == Ending::kTimedOut);
    CHECK(result.error_type == "Sandbox.Timedout");
    faulty.submit("r-2");
    CHECK(faulty.runtime.next().request_id() == "r-2");
    CHECK(faulty.observer.last.request_id == "r-1");
  }
}

TEST_CASE("a 413 gives the caller the error of an answer that is too long") {
  Faulty faulty{"response:413"};
  const EventId id = faulty.submit("r-1");
  faulty.runtime.next();
  CHECK(has_error(faulty.runtime.respond("r-1", "short"), 413, "RequestEntityTooLarge"));
  CHECK(faulty.result(id).error_type == "Function.ResponseSizeTooLarge");
}

TEST_CASE("after a 403 or 500 to a post no call is legal, and the event ends with the process") {
  for (const Case& each : {Case{"error:403", 403}, Case{"error:500", 500}}) {
    CAPTURE(each.spec);
    Faulty faulty{each.spec};
    const EventId id = faulty.submit("r-1");
    faulty.runtime.next();
    CHECK(faulty.runtime.fail("r-1", "{}", "Function.X").status == each.status);
    CHECK(has_error(faulty.runtime.next(), 403, "InvalidStateTransition"));
    faulty.api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
    CHECK(faulty.result(id).error_type == "Runtime.ExitError");
    CHECK(faulty.observer.last.request_id == "r-1");
  }
}

TEST_CASE("a fault of one call does not affect other calls") {
  Faulty faulty{"error:500"};
  const EventId id = faulty.submit("r-1");
  faulty.runtime.next();
  CHECK(faulty.runtime.respond("r-1", "x").status == 202);
  CHECK(faulty.result(id).body == "x");
}

TEST_CASE("a wrong id is refused as wrong even when a fault is due") {
  Faulty faulty{"response:413"};
  faulty.submit("r-1");
  faulty.runtime.next();
  CHECK(has_error(faulty.runtime.respond("other", "x"), 400, "InvalidRequestID"));
  CHECK(faulty.runtime.respond("r-1", "x").status == 202);
}

TEST_CASE("a dropped response reaches the caller, but its runtime gets no reply") {
  Faulty faulty{"response:drop"};
  const EventId id = faulty.submit("r-1");
  RawRuntime runtime(faulty.api.address());
  CHECK(runtime.next() == 200);
  runtime.socket().send(
      "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\nContent-Length: "
      "2\r\n\r\nok");
  CHECK(runtime.reply() == 0);
  CHECK(faulty.result(id).body == "ok");
  CHECK(has_error(faulty.runtime.respond("r-1", "ok"), 403, "InvalidStateTransition"));
  faulty.submit("r-2");
  CHECK(faulty.runtime.next().request_id() == "r-2");
}

TEST_CASE("a dropped response may be a stream") {
  Faulty faulty{"response:drop"};
  const EventId id = faulty.submit("r-1");
  RawRuntime runtime(faulty.api.address());
  runtime.next();
  runtime.begin("text/plain");
  runtime.chunk("part");
  CHECK(runtime.end() == 0);
  CHECK(faulty.result(id).body == "part");
}

TEST_CASE(
    "a reset response is cut in the middle of its body, and the runtime may ask for the next "
    "event") {
  Faulty faulty{"response:reset"};
  const EventId id = faulty.submit("r-1");
  RawRuntime runtime(faulty.api.address());
  runtime.next();
  runtime.socket().send(
      "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\nContent-Length: "
      "9\r\n\r\nhalf");
  CHECK(runtime.socket().is_closed_by_peer());
  CHECK(errno == ECONNRESET);
  CHECK(faulty.result(id).error_type == "Runtime.TruncatedResponse");
  faulty.submit("r-2");
  CHECK(faulty.runtime.next().request_id() == "r-2");
}

TEST_CASE("a reset that is not due changes neither whole bodies nor streams") {
  Faulty faulty{"response:reset@3"};
  const EventId whole = faulty.submit("r-1");
  RawRuntime runtime(faulty.api.address());
  runtime.next();
  runtime.socket().send(
      "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\nHost: a\r\nContent-Length: "
      "5\r\n\r\nwhole");
  CHECK(runtime.reply() == 202);
  CHECK(faulty.result(whole).body == "whole");
  const EventId streamed = faulty.submit("r-2");
  runtime.next();
  runtime.begin("text/plain");
  runtime.chunk("stream");
  CHECK(runtime.end() == 202);
  CHECK(faulty.result(streamed).body == "stream");
}

TEST_CASE("a refused stream is read to its end, so that its runtime gets the reply") {
  Faulty faulty{"response:410"};
  const EventId id = faulty.submit("r-1");
  RawRuntime runtime(faulty.api.address());
  runtime.next();
  runtime.begin("text/plain");
  runtime.chunk("part");
  CHECK(runtime.end() == 410);
  CHECK(faulty.result(id).ending == Ending::kTimedOut);
}

TEST_CASE("a delayed call is handled after its delay") {
  Faulty faulty{"next:delay=50ms", "response:delay=50ms"};
  const EventId id = faulty.submit("r-1");
  const auto begun = Clock::now();
  CHECK(faulty.runtime.next().request_id() == "r-1");
  CHECK(faulty.runtime.respond("r-1", "x").status == 202);
  CHECK(Clock::now() - begun >= 100ms);
  CHECK(faulty.result(id).body == "x");
}

TEST_CASE("a delayed call is dropped when its process ends during the delay") {
  Faulty faulty{"next:delay=3600s"};
  auto waiting = std::async(std::launch::async, [&] { return faulty.runtime.next(); });
  // The log line appears before the call is handled.
  while (faulty.logged_bytes() == 0) std::this_thread::yield();
  faulty.api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
  faulty.api.process_started();
  CHECK(waiting.get().status != 200);
  FakeRuntime fresh(faulty.api.address());
  faulty.submit("r-1");
  CHECK(fresh.next().request_id() == "r-1");
  CHECK(faulty.observer.inits == 1);
}

TEST_CASE("faults of the init are due at the first next of each process") {
  Faulty faulty{"init:slow=20ms@2"};
  faulty.submit("r-1");
  CHECK(faulty.runtime.next().status == 200);
  faulty.api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
  faulty.api.process_started();
  FakeRuntime fresh(faulty.api.address());
  faulty.submit("r-2");
  const auto begun = Clock::now();
  CHECK(fresh.next().request_id() == "r-2");
  CHECK(Clock::now() - begun >= 20ms);
}

TEST_CASE("faults of the process are passed to its owner before the event is sent") {
  Faulty faulty{"event:kill", "event:freeze=2s@2"};
  faulty.submit("r-1");
  CHECK(faulty.runtime.next().request_id() == "r-1");
  faulty.runtime.respond("r-1", "x");
  faulty.submit("r-2");
  CHECK(faulty.runtime.next().request_id() == "r-2");
  faulty.runtime.respond("r-2", "x");
  CHECK(faulty.observer.faults_due == std::vector<std::string>{"event:kill", "event:freeze=2s@2"});
}

TEST_CASE("an event with less time gets the earlier deadline") {
  Faulty faulty{"event:timeout=500ms"};
  faulty.submit("r-1");
  const auto before = std::chrono::system_clock::now();
  const Reply next = faulty.runtime.next();
  const auto told = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(std::stoll(next.header("Lambda-Runtime-Deadline-Ms"))));
  CHECK(told <= std::chrono::system_clock::now() + 500ms);
  CHECK(told + 1ms >= before);
  REQUIRE(faulty.api.deadline().has_value());
  CHECK(*faulty.api.deadline() <= Clock::now() + 500ms);
}

TEST_CASE("an init error counts even when its reply is lost") {
  Faulty faulty{"init-error:drop"};
  CHECK(faulty.runtime.init_error("{}").status == -1);
  CHECK(has_error(faulty.runtime.next(), 403, "InvalidStateTransition"));
}
