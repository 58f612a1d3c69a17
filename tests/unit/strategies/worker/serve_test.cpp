// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <variant>

#include <doctest/doctest.h>

#include "strategies/worker/worker.h"
#include "tests/support/kept_stream.h"
#include "tests/unit/strategies/worker/booted_worker.h"
#include "tests/unit/strategies/worker/fake_worker.h"

namespace phork::strategies {
namespace {

using namespace std::chrono_literals;
using phork::testing::KeptStream;
using testing::Booted;
using testing::contains;
using testing::event_of;
using testing::failure_of;
using testing::FakeWorker;
using testing::kPostEvent;

std::string answer_of(const Served& served) {
  const auto* answer = std::get_if<event::Answer>(&served.outcome);
  return answer != nullptr ? answer->body : "no answer";
}

std::string value_of(const std::vector<event::NameValue>& variables, const std::string& name) {
  for (const event::NameValue& variable : variables) {
    if (variable.name == name) return variable.value;
  }
  return "(none)";
}

}  // namespace

TEST_SUITE("worker: answers") {
  TEST_CASE("an event reaches the worker unchanged, and the answer comes back with its cost") {
    Booted booted;
    std::string heard;
    const Served served = booted.serve(event_of(R"({"n": 1})"), [&](FakeWorker& php) {
      const auto frame = php.hear();
      if (!frame) return;
      const auto invocation = wire::decode_invoke(frame->payload);
      if (invocation) heard = invocation->request_id + ' ' + invocation->event;
      php.say(wire::encode(wire::Answer{{17, 1234}, R"({"ok":true})"}));
    });
    CHECK(heard == R"(r-1 {"n": 1})");
    CHECK(answer_of(served) == R"({"ok":true})");
    CHECK(std::get<event::Answer>(served.outcome).content_type == "application/json");
    CHECK(served.usage.minor_faults == 17);
    CHECK(served.usage.php_us == 1234);
    CHECK(served.usage.generation == 3);
    CHECK(booted.worker->used());
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("an HTTP event reaches the worker as a request, and its response becomes the answer") {
    Booted booted(wire::Serves::kHttp);
    std::vector<event::NameValue> variables;
    std::string body;
    const Served served = booted.serve(event_of(kPostEvent), [&](FakeWorker& php) {
      const auto frame = php.hear();
      if (!frame) return;
      const auto request = wire::decode_request(frame->payload);
      if (request) {
        variables = request->variables;
        body = request->body;
      }
      wire::Response response;
      response.status = 201;
      response.headers = {{"Content-Type", "text/plain"}, {"Set-Cookie", "t=2"}};
      response.body = "made";
      php.say(wire::encode(response));
    });
    CHECK(value_of(variables, "REQUEST_METHOD") == "POST");
    CHECK(value_of(variables, "REQUEST_URI") == "/cart?a=1");
    CHECK(value_of(variables, "SCRIPT_FILENAME") == "/app/index.php");
    CHECK(value_of(variables, "DOCUMENT_ROOT") == "/app");
    CHECK(body == "two apples");
    const std::string answer = answer_of(served);
    CHECK(contains(answer, R"("statusCode":201)"));
    CHECK(contains(answer, R"("body":"made")"));
    CHECK(contains(answer, R"("cookies":["t=2"])"));
  }

  TEST_CASE("a failure is reported with message and stack trace") {
    for (const wire::Serves serves : {wire::Serves::kEvents, wire::Serves::kHttp}) {
      Booted booted(serves);
      const Served served = booted.serve(event_of(kPostEvent), [](FakeWorker& php) {
        php.hear();
        const event::Failure failure{"App\\SoldOut", "no äpfel", {"#0 a.php(1)", "#1 {main}"}};
        php.say(wire::encode(wire::FrameType::kFailure, wire::Failed{{5, 6}, failure}));
      });
      const event::Failure failure = failure_of(served);
      CHECK(failure.type == "App\\SoldOut");
      CHECK(failure.message == "no äpfel");
      CHECK(failure.stack_trace == std::vector<std::string>{"#0 a.php(1)", "#1 {main}"});
      CHECK(served.usage.minor_faults == 5);
    }
  }

  TEST_CASE("an event that is not an HTTP event does not use up the worker") {
    Booted booted(wire::Serves::kHttp);
    const Served served = booted.serve(event_of(R"({"not":"http"})"));
    CHECK(failure_of(served).type == "Runtime.InvalidEvent");
    CHECK_FALSE(booted.worker->used());
    CHECK(booted.worker->ready());
    const Served next = booted.serve(event_of(kPostEvent), [](FakeWorker& php) {
      php.hear();
      php.say(wire::encode(wire::Response{}));
    });
    CHECK(contains(answer_of(next), R"("statusCode":200)"));
  }

  TEST_CASE("megabytes pass both ways while PHP writes to its log") {
    const std::string large(6U << 20, 'x');
    const std::string event = '"' + large + '"';
    Booted booted;
    const Served served = booted.serve(event_of(event), [&](FakeWorker& php) {
      const auto frame = php.hear();
      if (!frame) return;
      const auto invocation = wire::decode_invoke(frame->payload);
      if (!invocation) return;
      for (int line = 0; line < 3; ++line) php.complain(std::string(100'000, '.') + '\n');
      php.say_answer(invocation->event);
    });
    CHECK((answer_of(served) == event));
    CHECK(booted.log.lines() ==
          std::vector<std::string>(3, "err r-1: " + std::string(100'000, '.')));
  }

  TEST_CASE("a worker that is still booting gets its event once it is ready") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    const std::jthread thread([&php] {
      php.say_ready();
      if (php.hear()) php.say_answer("1");
    });
    KeptStream stream;
    CHECK(answer_of(worker->serve(event_of("{}"), stream)) == "1");
  }

  TEST_CASE("a boot that fails inside an event is the failure of that event") {
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.say(wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, {"PhpFatal", "no", {}}}));
    KeptStream stream;
    CHECK(failure_of(worker->serve(event_of("{}"), stream)).type == "PhpFatal");
    CHECK_FALSE(worker->used());
  }
}

TEST_SUITE("worker: deaths") {
  TEST_CASE("a worker that ends without an answer is reported with its exit status") {
    Booted exited;
    const Served served = exited.serve(event_of("{}"), [](FakeWorker& php) {
      php.hear();
      php.exit(3);
    });
    CHECK(failure_of(served).type == "Runtime.HandlerExited");
    CHECK(contains(failure_of(served).message, "exit code 3"));
    CHECK_FALSE(exited.worker->crashed());

    Booted killed;
    const Served lost = killed.serve(event_of("{}"), [](FakeWorker& php) {
      php.hear();
      php.die(SIGSEGV);
    });
    CHECK(failure_of(lost).type == "Runtime.WorkerKilled");
    CHECK(contains(failure_of(lost).message, "signal 11"));
    CHECK(killed.worker->crashed());
  }

  TEST_CASE("half an answer is not an answer") {
    Booted booted;
    const Served served = booted.serve(event_of("{}"), [](FakeWorker& php) {
      php.hear();
      const auto frame = wire::encode(wire::Answer{{}, "12345"});
      php.say_bytes(frame.head + "123");
      php.exit(0);
    });
    CHECK(failure_of(served).type == "Runtime.HandlerExited");
  }

  TEST_CASE("frames that a worker sent before it ended count, even without reading its event") {
    Booted booted;
    booted.php.say(wire::encode(wire::FrameType::kFailure, wire::Failed{{}, {"Last", "w", {}}}));
    booted.php.exit(1);
    CHECK(failure_of(booted.serve(event_of("{}"))).type == "Last");
  }

  TEST_CASE("an event sent to a dead worker fails with its death") {
    Booted booted;
    booted.php.die(SIGKILL);
    CHECK(failure_of(booted.serve(event_of("{}"))).type == "Runtime.WorkerKilled");
    CHECK(booted.worker->crashed());
  }

  TEST_CASE("a frame that does not answer the event kills the worker and fails the event") {
    const std::string answer = wire::encode(wire::Answer{}).head;
    for (const std::string& bytes : {wire::encode(wire::Ready{}).head, wire::encode_fork().head,
                                     wire::encode(wire::Response{}).head, std::string(64, '\xff'),
                                     std::string("\0\0\0\0\3\0\0\0", 8)}) {
      CAPTURE(bytes.size());
      Booted booted;
      const Served served = booted.serve(event_of("{}"), [&bytes](FakeWorker& php) {
        php.hear();
        php.say_bytes(bytes);
      });
      CHECK(failure_of(served).type == "Runtime.WorkerLost");
      booted.php.exit(0);
      const auto before = std::chrono::steady_clock::now();
      booted.worker->retire();
      CHECK(std::chrono::steady_clock::now() - before < 5s);
    }
  }
}

TEST_SUITE("worker: deadlines") {
  TEST_CASE("deadlines are earlier than the event's own, by the margin and by two fifths of it") {
    Settings settings;
    settings.deadline_margin = 1000ms;
    const auto before = std::chrono::steady_clock::now();
    const EventDeadlines deadlines = event_deadlines(event_of("{}", 60s), settings);
    const auto after = std::chrono::steady_clock::now();
    CHECK(deadlines.hard - deadlines.soft == 600ms);
    CHECK(deadlines.soft <= after + 59s);
    CHECK(deadlines.soft > before + 58s);
  }

  TEST_CASE("an event that is past its deadline has deadlines in the past") {
    const EventDeadlines deadlines = event_deadlines(event_of("{}", -1s), Settings{});
    CHECK(deadlines.soft < deadlines.hard);
    CHECK(deadlines.hard < std::chrono::steady_clock::now());
  }

  TEST_CASE("interrupted PHP can still answer") {
    Booted booted;
    booted.settings.deadline_margin = 10s;  // soft: now; hard: in six seconds
    booted.php.on_interrupt = [&booted] { booted.php.say_answer(R"("late")"); };
    CHECK(answer_of(booted.serve(event_of("{}", 10s))) == R"("late")");
    CHECK(booted.php.interrupts() == 1);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("without an answer by the hard deadline the event times out and the worker is killed") {
    Booted booted;
    booted.settings.deadline_margin = 10ms;
    const event::Failure failure = failure_of(booted.serve(event_of("{}", 10ms)));
    CHECK(failure.type == "Function.Timeout");
    CHECK(contains(failure.message, "r-1"));
    CHECK(booted.php.interrupts() <= 1);
    CHECK(booted.php.kills() == 1);
    booted.worker->retire();
    CHECK_FALSE(booted.worker->crashed());  // we killed it
  }

  TEST_CASE("an HTTP event that times out is answered with 504") {
    Booted booted(wire::Serves::kHttp);
    booted.settings.deadline_margin = 10ms;
    const Served served = booted.serve(event_of(kPostEvent, 10ms));
    CHECK(contains(answer_of(served), R"("statusCode":504)"));
  }

  TEST_CASE("a worker that never reads its event is killed at the deadline") {
    Booted booted;
    booted.settings.deadline_margin = 10ms;
    const Served served = booted.serve(event_of(std::string(6U << 20, 'x'), 20ms));
    CHECK(failure_of(served).type == "Function.Timeout");
    CHECK(booted.php.kills() == 1);
  }

  TEST_CASE("a boot inside an event must end by the event's deadline") {
    Settings settings;
    settings.deadline_margin = 10ms;
    FakeWorker php;
    const auto worker = php.make(settings);
    KeptStream stream;
    CHECK(failure_of(worker->serve(event_of("{}", 10ms), stream)).type == "Function.Timeout");
    CHECK(php.kills() == 1);
  }
}

}  // namespace phork::strategies
