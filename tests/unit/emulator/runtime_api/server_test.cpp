// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/server.h"

#include <future>
#include <thread>

#include <doctest/doctest.h>

#include "tests/unit/emulator/fake_runtime.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::FakeRuntime;
using phork::emulator::test::Reply;

namespace {

class Observer final : public RuntimeObserver {
 public:
  void init_done() override { note("init"); }

  void init_failed(const std::string& body) override { note("init failed " + body); }

  void handed_out(const std::string& request_id) override { note("out " + request_id); }

  void finished(const EventRecord& record) override {
    note("finished " + record.request_id);
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
  }

  std::vector<std::string> notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  std::vector<EventRecord> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(text));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
  std::vector<EventRecord> records_;
};

struct Fixture {
  Dispatcher dispatcher;
  Observer observer;
  RuntimeApiServer api{dispatcher, observer, {3s, "arn:aws:lambda:us-east-1:1:function:f"}};
  std::unique_ptr<FakeRuntime> runtime;

  Fixture() {
    REQUIRE(api.start().ok());
    runtime = std::make_unique<FakeRuntime>(api.address());
  }

  EventId submit(const std::string& id, const std::string& payload = "{}") {
    Event event;
    event.request_id = id;
    event.payload = payload;
    return dispatcher.submit(std::move(event));
  }

  EventResult result(EventId id) {
    auto found = dispatcher.wait(id, Clock::now() + 10s);
    REQUIRE(found.has_value());
    return std::move(*found);
  }
};

bool has_error(const Reply& reply, int status, const std::string& type) {
  return reply.status == status &&
         reply.body.find("\"errorType\":\"" + type + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "next hands out the event with all of its headers") {
  Event event;
  event.request_id = "r-1";
  event.invocation_id = "i-1";
  event.trace_id = "Root=1-x;Parent=y;Sampled=0;Lineage=z";
  event.client_context = "{\"a\":\n1}";
  event.cognito_identity = "{\"cognitoIdentityId\":\"c\"}";
  event.tenant_id = "t";
  event.payload = "{\"n\":1}";
  dispatcher.submit(std::move(event));
  const auto before = std::chrono::system_clock::now();
  const Reply next = runtime->next();
  CHECK(next.status == 200);
  CHECK(next.body == "{\"n\":1}");
  CHECK(next.request_id() == "r-1");
  CHECK(next.header("Lambda-Runtime-Invocation-Id") == "i-1");
  CHECK(next.header("Lambda-Runtime-Invoked-Function-Arn") ==
        "arn:aws:lambda:us-east-1:1:function:f");
  CHECK(next.header("Lambda-Runtime-Trace-Id") == "Root=1-x;Parent=y;Sampled=0;Lineage=z");
  CHECK(next.header("Lambda-Runtime-Client-Context") == "{\"a\": 1}");
  CHECK(next.header("Lambda-Runtime-Cognito-Identity") == "{\"cognitoIdentityId\":\"c\"}");
  CHECK(next.header("Lambda-Runtime-Aws-Tenant-Id") == "t");
  CHECK(next.header("Content-Type") == "application/json");
  const auto deadline =
      std::chrono::milliseconds(std::stoll(next.header("Lambda-Runtime-Deadline-Ms")));
  const auto left =
      deadline - std::chrono::duration_cast<std::chrono::milliseconds>(before.time_since_epoch());
  CHECK(left >= 3s);
  CHECK(left < 5s);
}

TEST_CASE_FIXTURE(Fixture, "absent parts of an event make no headers") {
  submit("r-1");
  const Reply next = runtime->next();
  for (const char* name : {"Lambda-Runtime-Client-Context", "Lambda-Runtime-Cognito-Identity",
                           "Lambda-Runtime-Aws-Tenant-Id"}) {
    CAPTURE(name);
    CHECK(next.headers.count(name) == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "a next that waits gets the next event") {
  auto waiting = std::async(std::launch::async, [this] { return runtime->next(); });
  const EventId id = submit("r-1", "hello");
  const Reply next = waiting.get();
  CHECK(next.body == "hello");
  const Reply accepted = runtime->respond("r-1", "answer");
  CHECK(accepted.status == 202);
  CHECK(accepted.body == "{\"status\":\"OK\"}\n");
  const EventResult answer = result(id);
  CHECK(answer.answered());
  CHECK(answer.body == "answer");
  CHECK(answer.content_type == "application/json");
}

TEST_CASE_FIXTURE(Fixture,
                  "an error is handed to the caller byte for byte, with a type Lambda knows") {
  struct Case {
    const char* sent;
    const char* kept;
  };

  for (const Case each :
       {Case{"Runtime.PhpFatal", "Runtime.PhpFatal"}, Case{"Function.Timeout", "Function.Timeout"},
        Case{"Runtime.bad", "Runtime.Unknown"}, Case{"Runtime.A-B", "Runtime.Unknown"},
        Case{"RuntimeException", "Function.Unknown"}, Case{"Function.", "Function.Unknown"}}) {
    CAPTURE(each.sent);
    const EventId id = submit(each.sent);
    REQUIRE(runtime->next().status == 200);
    CHECK(runtime->fail(each.sent, "{ \"errorMessage\" : 1 }", each.sent).status == 202);
    const EventResult failed = result(id);
    CHECK(failed.ending == Ending::kFailed);
    CHECK(failed.body == "{ \"errorMessage\" : 1 }");
    CHECK(failed.error_type == each.kept);
  }
}

TEST_CASE_FIXTURE(Fixture, "calls that are illegal in the state are refused without effect") {
  CHECK(has_error(runtime->respond("r-1", "x"), 400, "InvalidRequestID"));
  const EventId id = submit("r-1");
  CHECK(runtime->next().request_id() == "r-1");
  CHECK(has_error(runtime->init_error("{}"), 403, "InvalidStateTransition"));
  CHECK(has_error(runtime->respond("other", "x"), 400, "InvalidRequestID"));
  CHECK(runtime->next().request_id() == "r-1");
  CHECK(runtime->respond("r-1", "right").status == 202);
  CHECK(has_error(runtime->respond("r-1", "again"), 403, "InvalidStateTransition"));
  CHECK(has_error(runtime->fail("r-1", "{}", "Runtime.X"), 403, "InvalidStateTransition"));
  CHECK(result(id).body == "right");
  submit("r-2");
  CHECK(runtime->next().request_id() == "r-2");
}

TEST_CASE_FIXTURE(Fixture, "a posted init error is reported once and ends the runtime") {
  CHECK(runtime->init_error("{\"errorMessage\":\"no\"}").status == 202);
  CHECK(has_error(runtime->init_error("{}"), 403, "InvalidStateTransition"));
  CHECK(has_error(runtime->next(), 403, "InvalidStateTransition"));
  CHECK(observer.notes() == std::vector<std::string>{"init failed {\"errorMessage\":\"no\"}"});
}

TEST_CASE_FIXTURE(Fixture, "an answer of exactly the limit is accepted, one byte more is refused") {
  const EventId fits = submit("r-1");
  runtime->next();
  CHECK(runtime->respond("r-1", std::string(kMaxResponseBytes, 'x')).status == 202);
  CHECK(result(fits).body.size() == kMaxResponseBytes);
  const EventId too_large = submit("r-2");
  runtime->next();
  CHECK(has_error(runtime->respond("r-2", std::string(kMaxResponseBytes + 1, 'x')), 413,
                  "RequestEntityTooLarge"));
  CHECK(result(too_large).error_type == "Function.ResponseSizeTooLarge");
  submit("r-3");
  CHECK(runtime->next().request_id() == "r-3");
}

TEST_CASE_FIXTURE(Fixture, "an error may have 1 MiB, which is less than an answer") {
  const EventId fits = submit("r-1");
  runtime->next();
  CHECK(runtime->fail("r-1", std::string(kMaxErrorBytes, 'x'), "Function.X").status == 202);
  CHECK(result(fits).body.size() == kMaxErrorBytes);
  const EventId too_large = submit("r-2");
  runtime->next();
  CHECK(has_error(runtime->fail("r-2", std::string(kMaxErrorBytes + 1, 'x'), "Function.X"), 413,
                  "RequestEntityTooLarge"));
  CHECK(result(too_large).ending == Ending::kFailed);
  submit("r-3");
  CHECK(runtime->next().request_id() == "r-3");
}

TEST_CASE_FIXTURE(
    Fixture,
    "a post with the invocation id of another attempt is refused, one without is accepted") {
  const EventId id = submit("r-1");
  const std::string invocation = runtime->next().header("Lambda-Runtime-Invocation-Id");
  CHECK_FALSE(invocation.empty());
  CHECK(has_error(runtime->respond("r-1", "x", {{"Lambda-Runtime-Invocation-Id", "other"}}), 400,
                  "InvalidRequestID"));
  CHECK(runtime->respond("r-1", "right", {{"Lambda-Runtime-Invocation-Id", invocation}}).status ==
        202);
  CHECK(result(id).body == "right");
}

TEST_CASE_FIXTURE(Fixture, "a bad response mode blocks the runtime for good, as on Lambda") {
  const EventId id = submit("r-1");
  runtime->next();
  const Reply refused =
      runtime->respond("r-1", "x", {{"Lambda-Runtime-Function-Response-Mode", "buffered"}});
  CHECK(has_error(refused, 400, "InvalidFunctionResponseMode"));
  CHECK(result(id).error_type == "Runtime.InvalidResponseModeHeader");
  CHECK(has_error(runtime->next(), 403, "InvalidStateTransition"));
}

TEST_CASE_FIXTURE(Fixture, "events are queued in order and their times measured") {
  const EventId first = submit("r-1");
  const EventId second = submit("r-2");
  CHECK(runtime->next().request_id() == "r-1");
  runtime->respond("r-1", "1");
  CHECK(runtime->next().request_id() == "r-2");
  runtime->fail("r-2", "{}", "Function.X");
  auto parked = std::async(std::launch::async, [this] { return runtime->next(); });
  const EventId third = submit("r-3");
  CHECK(parked.get().request_id() == "r-3");
  CHECK(result(first).body == "1");
  CHECK(result(second).ending == Ending::kFailed);
  const std::vector<EventRecord> records = observer.records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].ending == Ending::kAnswered);
  CHECK(records[1].error_type == "Function.X");
  for (const EventRecord& record : records) CHECK(record.latency <= record.billed);
  CHECK(records[0].billed <= records[1].queued);
  CHECK(observer.notes() == std::vector<std::string>{"init", "out r-1", "finished r-1", "out r-2",
                                                     "finished r-2", "out r-3"});
  api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
  CHECK(result(third).ending == Ending::kExited);
}

TEST_CASE_FIXTURE(Fixture, "an event under way has a deadline until the runtime asks again") {
  CHECK_FALSE(api.deadline().has_value());
  submit("r-1");
  runtime->next();
  REQUIRE(api.deadline().has_value());
  CHECK(*api.deadline() > Clock::now() + 1s);
  runtime->respond("r-1", "x");
  CHECK(api.deadline().has_value());
}

TEST_CASE_FIXTURE(
    Fixture, "the end of the process ends its event, and a new process starts in the first state") {
  const EventId id = submit("r-1");
  runtime->next();
  api.process_ended(Ending::kTimedOut, "Sandbox.Timedout", "Task timed out after 3.00 seconds");
  const EventResult timed_out = result(id);
  CHECK(timed_out.ending == Ending::kTimedOut);
  CHECK(timed_out.body ==
        R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r-1 Error: )"
        R"(Task timed out after 3.00 seconds"})");
  CHECK(has_error(runtime->next(), 403, "InvalidStateTransition"));
  api.process_started();
  FakeRuntime fresh(api.address());
  submit("r-2");
  CHECK(fresh.next().request_id() == "r-2");
  CHECK(observer.records().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an exit after the answer is not an error, a timeout is") {
  submit("r-1");
  runtime->next();
  runtime->respond("r-1", "x");
  SUBCASE("exit") {
    api.process_ended(Ending::kExited, "Runtime.ExitError", "gone");
    REQUIRE(observer.records().size() == 1);
    CHECK(observer.records()[0].error_type.empty());
  }
  SUBCASE("timeout") {
    api.process_ended(Ending::kTimedOut, "Sandbox.Timedout", "late");
    REQUIRE(observer.records().size() == 1);
    CHECK(observer.records()[0].error_type == "Sandbox.Timedout");
  }
  CHECK(observer.records()[0].ending == Ending::kAnswered);
}

TEST_CASE_FIXTURE(Fixture,
                  "a runtime that closes its connection after each call gets its event too") {
  httplib::Client closing("http://" + api.address());
  closing.set_keep_alive(false);
  closing.set_read_timeout(20);
  const httplib::Headers close{{"Connection", "close"}};
  auto waiting = std::async(std::launch::async, [&] {
    return closing.Get("/2018-06-01/runtime/invocation/next", close);
  });
  while (api.state() != RuntimeState::kReady) std::this_thread::yield();
  submit("r-1", "late");
  const auto reply = waiting.get();
  REQUIRE(reply);
  CHECK(reply->body == "late");
}

TEST_CASE_FIXTURE(Fixture, "an event does not go to a connection that closed while it waited") {
  {
    httplib::Client impatient("http://" + api.address());
    impatient.set_read_timeout(0, 50'000);
    CHECK_FALSE(impatient.Get("/2018-06-01/runtime/invocation/next"));
  }
  auto waiting = std::async(std::launch::async, [this] { return runtime->next(); });
  submit("r-1");
  CHECK(waiting.get().request_id() == "r-1");
}

TEST_CASE_FIXTURE(Fixture, "ids with reserved characters are found in the path") {
  const EventId id = submit("a/b c");
  CHECK(runtime->next().request_id() == "a/b c");
  CHECK(runtime->respond("a%2Fb%20c", "x").status == 202);
  CHECK(result(id).body == "x");
}

TEST_CASE_FIXTURE(Fixture, "paths and methods that are not part of the API are refused") {
  CHECK(runtime->get("/ping").body == "pong");
  CHECK(runtime->get("/2018-06-01/runtime/restore/next").status == 404);
  CHECK(runtime->get("/2018-06-01/runtime/invocation/x").status == 404);
  CHECK(runtime->get("/").status == 404);
  CHECK(runtime->get("/2018-06-01/runtime/init/error").status == 405);
}

TEST_CASE("the table of states allows the calls that Lambda allows") {
  using enum RuntimeState;
  using enum RuntimeCall;
  CHECK(is_legal(kStarted, kInitError));
  for (const RuntimeState state : {kReady, kRunning, kResponding, kResponseSent, kInitFailed}) {
    CHECK_FALSE(is_legal(state, kInitError));
  }
  for (const RuntimeState state : {kStarted, kReady, kResponding, kResponseSent, kInitFailed}) {
    CHECK_FALSE(is_legal(state, kResponse));
    CHECK_FALSE(is_legal(state, kError));
  }
  CHECK_FALSE(is_legal(kResponding, kNext));
  CHECK_FALSE(is_legal(kEnded, kNext));
  for (const RuntimeState state : {kReady, kRunning, kResponding, kResponseSent, kInitFailed}) {
    CHECK_FALSE(is_legal(state, kRestoreNext));
    CHECK_FALSE(is_legal(state, kRestoreError));
  }
  CHECK_FALSE(is_legal(kSnapshot, kNext));
  CHECK_FALSE(is_legal(kSnapshot, kRestoreError));
}
