// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "strategies/worker/worker.h"
#include "tests/unit/strategies/worker/booted_worker.h"

namespace phork::strategies {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using testing::Booted;
using testing::contains;
using testing::event_of;
using testing::failure_of;
using testing::FakeWorker;
using testing::kPostEvent;
using Writes = std::vector<std::string>;

const char* const kPreludeType = "application/vnd.awslambda.http-integration-response";

wire::EncodedFrame head(std::string_view bytes, std::uint16_t status = 0) {
  return wire::encode(wire::StreamHead{status, {{"Content-Type", "text/plain"}}, bytes});
}

wire::EncodedFrame piece(std::string_view bytes) {
  return wire::encode(wire::StreamPiece{bytes});
}

wire::EncodedFrame end() {
  return wire::encode(wire::StreamEnd{{17, 1234}});
}

wire::EncodedFrame failure(const char* type) {
  return wire::encode(wire::FrameType::kFailure, wire::Failed{{5, 6}, {type, "no", {}}});
}

std::string bytes_of(const wire::EncodedFrame& frame) {
  return frame.head + std::string(frame.tail);
}

bool is_streamed(const Served& served) {
  return std::holds_alternative<event::Streamed>(served.outcome);
}

// For `on_write`: accepts `taken` writes, then refuses.
auto refuse_after(int taken, ErrorKind kind) {
  return [taken, kind](base::Deadline) mutable -> base::Status {
    if (taken-- > 0) return base::ok_status();
    return Error{kind, "test: refused"};
  };
}

// Retires the worker while it exits by itself.
void retire_while_it_exits(Booted& booted) {
  const std::jthread thread([&booted] { booted.php.exit(0); });
  booted.worker->retire();
}

}  // namespace

TEST_SUITE("worker: streamed answers") {
  TEST_CASE("head, pieces and end of a response are written in order, and its cost is reported") {
    Booted booted(wire::Serves::kHttp);
    const Served served = booted.serve(event_of(kPostEvent), [](FakeWorker& php) {
      php.hear();
      php.say(head("one,", 201));
      php.say(piece("two,"));
      php.say(piece("three"));
      php.say(end());
    });
    CHECK(is_streamed(served));
    CHECK(served.usage.minor_faults == 17);
    CHECK(served.usage.php_us == 1234);
    CHECK(served.usage.generation == 3);
    CHECK(booted.stream.content_type() == kPreludeType);
    const std::string prelude = R"({"statusCode":201,"headers":{"Content-Type":"text/plain"}})";
    CHECK(booted.stream.writes() ==
          Writes{prelude + std::string(8, '\0') + "one,", "two,", "three"});
    retire_while_it_exits(booted);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("a handler's bytes are passed on unchanged, each piece before the next is made") {
    Booted booted;
    std::vector<bool> taken;
    const Served served = booted.serve(event_of("{}"), [&](FakeWorker& php) {
      php.hear();
      taken = {php.say(head("")), php.say(piece(std::string(1U << 20, 'x'))), php.say(end())};
    });
    CHECK(is_streamed(served));
    CHECK(taken == std::vector<bool>{true, true, true});
    CHECK(booted.stream.content_type() == "text/plain");
    CHECK((booted.stream.writes() == Writes{std::string(1U << 20, 'x')}));
  }

  TEST_CASE("a failure after the head is the failure of the event, with its cost") {
    Booted booted(wire::Serves::kHttp);
    for (const auto& frame : {head("one", 200), piece("two"), failure("App\\SoldOut")}) {
      booted.php.say(frame);
    }
    const Served served = booted.serve(event_of(kPostEvent));
    CHECK(failure_of(served).type == "App\\SoldOut");
    CHECK(served.usage.minor_faults == 5);
    CHECK(booted.stream.writes().size() == 2);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("a buffered answer begins no stream, even when streaming is on") {
    Booted booted;
    booted.settings.streams = true;
    booted.php.say_answer("[1]");
    const Served served = booted.serve(event_of("{}"));
    REQUIRE(std::holds_alternative<event::Answer>(served.outcome));
    CHECK(std::get<event::Answer>(served.outcome).body == "[1]");
    CHECK_FALSE(booted.stream.begun());

    Booted failed;
    failed.settings.streams = true;
    failed.php.say(failure("App\\SoldOut"));
    CHECK(failure_of(failed.serve(event_of("{}"))).type == "App\\SoldOut");
    CHECK_FALSE(failed.stream.begun());
  }

  TEST_CASE(
      "a worker that dies during a stream is reported with its status, after its last piece") {
    Booted booted;
    booted.php.say(head("one"));
    booted.php.say(piece("two"));
    booted.php.die(SIGSEGV);
    CHECK(failure_of(booted.serve(event_of("{}"))).type == "Runtime.WorkerKilled");
    CHECK(booted.stream.writes() == Writes{"one", "two"});
    CHECK(booted.worker->crashed());
  }

  TEST_CASE("a stream without an end frame is a failure") {
    Booted booted;
    booted.php.say(head("one"));
    booted.php.exit(0);
    CHECK(failure_of(booted.serve(event_of("{}"))).type == "Runtime.HandlerExited");
  }

  TEST_CASE("a frame that does not fit into the stream kills the worker and fails the event") {
    struct Case {
      std::string what;
      std::vector<std::string> said;
    };

    const std::string begun = bytes_of(head("one"));
    const std::string answer = bytes_of(wire::encode(wire::Answer{{}, "1"}));
    const std::string ready = bytes_of(wire::encode(wire::Ready{}));
    std::string cut = begun.substr(0, wire::kFrameHeaderBytes) + begun.substr(8, 4);
    cut[0] = 4;  // the length of what is left
    for (const Case& each :
         {Case{"a piece before its head", {bytes_of(piece("one"))}},
          Case{"an end before its head", {bytes_of(end())}}, Case{"a second head", {begun, begun}},
          Case{"a truncated head", {cut}}, Case{"an answer during a stream", {begun, answer}},
          Case{"a response during a stream", {begun, bytes_of(wire::encode(wire::Response{}))}},
          Case{"ready during a stream", {begun, ready}},
          Case{"garbage during a stream", {begun, "PHP Warning:  what is this"}}}) {
      CAPTURE(each.what);
      Booted booted;
      for (const std::string& bytes : each.said) booted.php.say_bytes(bytes);
      const Served served = booted.serve(event_of("{}"));
      CHECK(failure_of(served).type == "Runtime.WorkerLost");
      CHECK(booted.php.kills() == 1);
      CHECK(booted.stream.writes().size() == each.said.size() - 1);
      booted.worker->retire();
      CHECK_FALSE(booted.worker->crashed());
    }
  }
}

TEST_SUITE("worker: callers that go away") {
  TEST_CASE("a worker whose caller has gone cannot send any more, and may exit by itself") {
    Booted booted;
    booted.stream.on_write = refuse_after(2, ErrorKind::kDisconnected);
    bool refused = false;
    const Served served = booted.serve(event_of("{}"), [&refused](FakeWorker& php) {
      php.hear();
      php.say(head("one"));
      while (php.say(piece("more"))) continue;
      refused = true;
    });
    CHECK(is_streamed(served));
    CHECK(refused);
    CHECK(booted.stream.writes() == Writes{"one", "more", "more"});
    retire_while_it_exits(booted);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("frames sent before the worker could notice do not kill it") {
    Booted booted;
    booted.stream.on_write = refuse_after(1, ErrorKind::kDisconnected);
    booted.php.say_bytes(bytes_of(head("one")) + bytes_of(piece("two")) + bytes_of(piece("three")));
    booted.php.say(piece(std::string(100'000, 'x')));
    booted.php.say(end());
    CHECK(is_streamed(booted.serve(event_of("{}"))));
    CHECK(booted.stream.writes() == Writes{"one", "two"});
    retire_while_it_exits(booted);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("the event is also over when the stream cannot begin or is too large") {
    Booted closed;
    closed.stream.on_begin = [] { return Error{ErrorKind::kDisconnected, "test: gone"}; };
    closed.php.say(head("one"));
    CHECK(is_streamed(closed.serve(event_of("{}"))));
    CHECK(closed.stream.writes().empty());

    Booted large;
    large.stream.on_write = refuse_after(1, ErrorKind::kRefused);
    large.php.say(head("one"));
    large.php.say(piece("two"));
    CHECK(is_streamed(large.serve(event_of("{}"))));
  }

  TEST_CASE("a worker without a caller is killed at its event's deadline") {
    Booted booted;
    booted.settings.deadline_margin = 10ms;
    booted.stream.on_write = refuse_after(0, ErrorKind::kDisconnected);
    booted.php.say(head("one"));
    CHECK(is_streamed(booted.serve(event_of("{}", 50ms))));
    booted.worker->retire();
    CHECK(booted.php.interrupts() <= 1);
    CHECK(booted.php.kills() >= 1);
    CHECK_FALSE(booted.worker->crashed());
  }
}

TEST_SUITE("worker: deadlines of streams") {
  TEST_CASE(
      "a stream without an end by the hard deadline is a timeout after the bytes already sent") {
    Booted booted(wire::Serves::kHttp);
    booted.settings.streams = true;
    booted.settings.deadline_margin = 10ms;
    booted.php.say(head("one", 200));
    const Served served = booted.serve(event_of(kPostEvent, 20ms));
    CHECK(failure_of(served).type == "Function.Timeout");
    CHECK(contains(failure_of(served).message, "r-1"));
    CHECK(booted.stream.writes().size() == 1);
    CHECK(booted.php.kills() == 1);
  }

  TEST_CASE("a slow reader uses up the event's time") {
    Booted booted;
    booted.settings.deadline_margin = 10ms;
    booted.stream.on_write = [](base::Deadline deadline) -> base::Status {
      base::poll_until({}, deadline);
      return Error{ErrorKind::kTimeout, "test: slow"};
    };
    booted.php.say(head("one"));
    const Served served = booted.serve(event_of("{}", 20ms));
    CHECK(failure_of(served).type == "Function.Timeout");
    CHECK(booted.php.kills() == 1);
  }

  TEST_CASE("a worker that never stops sending is interrupted and killed like any other") {
    Booted booted;
    booted.settings.deadline_margin = 1s;  // soft: in 100 ms; hard: in 700 ms
    const std::jthread thread([&booted] {
      booted.php.say(head("one"));
      while (booted.php.say(piece("more"))) continue;
    });
    const Served served = booted.serve(event_of("{}", 1100ms));
    booted.worker.reset();  // closes the channel, as the fake does not die when it is killed
    CHECK(failure_of(served).type == "Function.Timeout");
    CHECK(booted.php.interrupts() == 1);
    CHECK(booted.php.kills() == 1);
  }

  TEST_CASE("interrupted PHP can still end its stream") {
    Booted booted;
    booted.settings.deadline_margin = 10s;  // soft: now; hard: in six seconds
    booted.php.on_interrupt = [&booted] {
      booted.php.say(piece("two"));
      booted.php.say(end());
    };
    booted.php.say(head("one"));
    CHECK(is_streamed(booted.serve(event_of("{}", 10s))));
    CHECK(booted.stream.writes() == Writes{"one", "two"});
    CHECK(booted.php.interrupts() == 1);
    CHECK(booted.php.kills() == 0);
  }

  TEST_CASE("an HTTP event that times out before its stream begins gets a streamed 504") {
    Booted booted(wire::Serves::kHttp);
    booted.settings.streams = true;
    booted.settings.deadline_margin = 10ms;
    CHECK(is_streamed(booted.serve(event_of(kPostEvent, 10ms))));
    CHECK(booted.stream.content_type() == kPreludeType);
    REQUIRE(booted.stream.writes().size() == 1);
    CHECK(booted.stream.writes().front().starts_with(R"({"statusCode":504,)"));
    CHECK(booted.stream.writes().front().ends_with(std::string(8, '\0') + "Gateway Timeout\n"));
    CHECK(booted.php.kills() == 1);
  }

  TEST_CASE("a handler's event that times out is a failure, with streaming on or off") {
    Booted booted;
    booted.settings.streams = true;
    booted.settings.deadline_margin = 10ms;
    CHECK(failure_of(booted.serve(event_of("{}", 10ms))).type == "Function.Timeout");
    CHECK_FALSE(booted.stream.begun());
  }
}

}  // namespace phork::strategies
