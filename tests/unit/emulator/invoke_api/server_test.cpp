// SPDX-License-Identifier: MIT
//
// The Invoke API where no event reaches the function, because its runtime never asks for one.
// Events that are served are in tests/integration/emulator/invoke_api_test.cpp.
#include "emulator/invoke_api/server.h"

#include <fcntl.h>
#include <future>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "emulator/gateway/gateway.h"
#include "runtime/base/pinned.h"
#include "tests/unit/emulator/raw_socket.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::RawSocket;

namespace {

struct Fixture : private phork::base::Pinned {
  phork::base::Fd null{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  LogSink log{null.get()};
  LocalLambda lambda{config(), log, "none"};
  InvokeApi api{lambda, {.retry_delay = 1h, .most_at_once = 1}};
  Gateway front{lambda, *find_payload("v2"), {&api}};

  Fixture() { REQUIRE(front.start(0).ok()); }

  ~Fixture() { stop(); }

  void stop() {
    lambda.request_stop();
    front.stop();
    api.stop();
    lambda.stop();
  }

  static FunctionConfig config() {
    FunctionConfig config;
    config.program = "/bin/sleep";
    config.arguments = {"100"};
    config.task_root = "/";
    config.handler = "handler";
    return config;
  }

  RawSocket ask(const std::string& headers, const std::string& call = "invocations") const {
    const std::string version = call == "invocations" ? "2015-03-31" : "2021-11-15";
    RawSocket socket(front.port());
    REQUIRE(socket.connected());
    socket.send("POST /" + version + "/functions/function/" + call +
                " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "connection: close\r\n\r\n");
    return socket;
  }

  std::string answer(const std::string& headers) const { return ask(headers).receive_all(); }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("Invoke API") {
  TEST_CASE_FIXTURE(Fixture, "events over the account's limit are throttled") {
    RawSocket first = ask("");
    // Whichever of the two is counted first waits, and the other one is refused.
    RawSocket second = ask("");
    auto waiting = std::async(std::launch::async, [&first] { return first.receive_all(); });
    auto other = std::async(std::launch::async, [&second] { return second.receive_all(); });
    const auto is_over = [](std::future<std::string>& reply) {
      return reply.wait_for(0s) == std::future_status::ready;
    };
    while (!is_over(waiting) && !is_over(other)) std::this_thread::yield();
    std::future<std::string>& refused = is_over(waiting) ? waiting : other;
    std::future<std::string>& stopped = &refused == &waiting ? other : waiting;
    const std::string reply = refused.get();
    CHECK(reply.starts_with("HTTP/1.1 429 "));
    CHECK(contains(reply, "X-Amzn-ErrorType: TooManyRequestsException\r\n"));
    CHECK(contains(reply, "Retry-After: 1\r\n"));
    CHECK(contains(reply, R"("Reason":"ConcurrentInvocationLimitExceeded")"));
    lambda.request_stop();
    const std::string end = stopped.get();
    CHECK(end.starts_with("HTTP/1.1 500 "));
    CHECK(contains(end, "X-Amzn-ErrorType: ServiceException\r\n"));
    CHECK(contains(end, "phork is stopping"));
  }

  TEST_CASE_FIXTURE(Fixture, "a stream that never began ends with a service error") {
    RawSocket socket = ask("", "response-streaming-invocations");
    auto reply = std::async(std::launch::async, [&socket] { return socket.receive_all(); });
    lambda.request_stop();
    CHECK(reply.get().starts_with("HTTP/1.1 500 "));
  }

  TEST_CASE_FIXTURE(Fixture, "stopping ends asynchronous events that are under way") {
    CHECK(answer("X-Amz-Invocation-Type: Event\r\n").starts_with("HTTP/1.1 202 "));
    stop();
  }

  TEST_CASE_FIXTURE(Fixture, "a page of another site cannot call the function") {
    const std::string type = "X-Amz-Invocation-Type: DryRun\r\n";
    for (const char* headers :
         {"Origin: http://evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
          "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"}) {
      CAPTURE(headers);
      const std::string reply = answer(type + headers);
      CHECK(reply.starts_with("HTTP/1.1 403 "));
      CHECK(contains(reply, R"({"message":"phork: refuse a request of another site: )"));
      CHECK_FALSE(contains(reply, "ccess-control-allow"));
    }
    RawSocket rebound(front.port());
    rebound.send(
        "GET /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: evil.example\r\n"
        "Connection: close\r\n\r\n");
    CHECK(rebound.receive_all().starts_with("HTTP/1.1 403 "));
    CHECK(answer(type + "Origin: http://127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
                        "Content-Type: application/json\r\n")
              .starts_with("HTTP/1.1 204 "));
  }

  TEST_CASE_FIXTURE(Fixture, "a dry run has no body and names the version") {
    const std::string reply = answer("X-Amz-Invocation-Type: DryRun\r\n");
    CHECK(reply.starts_with("HTTP/1.1 204 "));
    CHECK(contains(reply, "X-Amz-Executed-Version: $LATEST\r\n"));
    CHECK(reply.ends_with("\r\n\r\n"));
  }
}
