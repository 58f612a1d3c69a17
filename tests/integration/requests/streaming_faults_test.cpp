// SPDX-License-Identifier: MIT
//
// Streamed answers that stay incomplete: the code fails, the worker dies, time is up, the caller
// goes away. Before the first byte an event fails as without streaming; after it, the
// trailers hold the error. Real bootstrap, real PHP; afterwards the next event is served and
// nothing is left.
#include <string>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/stream_runtime.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::contains;
using testing::Json;
using testing::StreamCall;
using testing::StreamRuntime;

// A failure after the first bytes of a stream, and the error in its trailers.
struct LateFault {
  std::string what;
  std::string type;
  std::string message;
  bool kills = false;  // the process that ran PHP
};

const LateFault kLateFaults[] = {
    {"exception-late", "Runtime.PhpFatal", "Uncaught DomainException: nobody catches this"},
    {"memory-late", "Runtime.PhpOutOfMemory", "Allowed memory size of 8388608 bytes exhausted"},
    {"killed-late", "Runtime.WorkerKilled", "9", true},
};

// The error in the trailers of a stream whose body so far is `part`.
Json trailers(StreamCall& call, const std::string& part) {
  const emulator::EventResult& result = call.result();
  CHECK_FALSE(result.answered());
  CHECK(result.ending == emulator::Ending::kFailed);
  CHECK(result.streamed);
  CHECK(testing::streamed_reply(call.bytes()).body == part);
  return Json(result.body);
}

void check_idle(StreamRuntime& runtime) {
  runtime->settled();
}

std::string query_event(const std::string& what) {
  return R"({"do":")" + what + "\"}";
}

}  // namespace

TEST_SUITE("streams that fail") {
  TEST_CASE("before the first byte an exception is a 500, as without streaming") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall call(*runtime, runtime.event("exception"));
      const HttpReply reply = call.reply();
      CHECK(reply.status == 500);
      CHECK(reply.body.empty());
      CHECK(contains(runtime->output_when_idle(), "Uncaught DomainException: nobody catches this"));
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("after the first byte the trailers hold the error that ended the stream") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      for (const LateFault& fault : kLateFaults) {
        CAPTURE(strategy);
        CAPTURE(fault.what);
        StreamRuntime runtime(strategy);
        StreamCall call(*runtime, runtime.event(fault.what));
        const Json error = trailers(call, "part");
        CHECK(error.text("errorType") == fault.type);
        CHECK_MESSAGE(contains(error.text("errorMessage"), fault.message), call.result().body);
        CHECK(runtime.serves_on());
        check_idle(runtime);
      }
    }
  }

  TEST_CASE("exit ends a stream as it ends any response") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall call(*runtime, runtime.event("exit-late"));
      CHECK(call.reply().body == "part");
      CHECK(runtime.serves_on());
    }
  }

  TEST_CASE("near its deadline a stream that has not begun is a 504") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream.php", {{"PHORK_DEADLINE_MARGIN_MS", "600"}},
                            std::chrono::milliseconds(1500));
      StreamCall call(*runtime, runtime.event("early"));
      CHECK(call.reply().status == 504);
      REQUIRE(testing::eventually([&] { return runtime->idle(); }));
      CHECK(runtime.notes() == "shutdown\n");
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("near its deadline a stream that has begun ends with Function.Timeout") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream.php", {{"PHORK_DEADLINE_MARGIN_MS", "600"}},
                            std::chrono::milliseconds(1500));
      StreamCall call(*runtime, runtime.event("late"));
      CHECK(trailers(call, "part").text("errorType") == "Function.Timeout");
      REQUIRE(testing::eventually([&] { return runtime->idle(); }));
      CHECK(runtime.notes() == "shutdown\n");
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("an event whose caller stops reading ends at its deadline") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream.php", {{"PHORK_DEADLINE_MARGIN_MS", "600"}},
                            std::chrono::milliseconds(1500));
      StreamCall call(*runtime, runtime.event("endless"), {}, true);
      // The runtime gives up while the caller still holds.
      CHECK_MESSAGE(testing::eventually([&] {
                      return contains(runtime->output(),
                                      "Function.Timeout: the answer was not read in time");
                    }),
                    runtime->output());
      call.release();
      CHECK_FALSE(call.result().answered());
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("a caller that reads slowly does not keep an endless stream past its deadline") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      // Under exec PHP starts within the event's time, too.
      const std::chrono::milliseconds timeout(strategy == "exec" ? 8000 : 4000);
      StreamRuntime runtime(strategy, "stream.php", {{"PHORK_DEADLINE_MARGIN_MS", "3000"}},
                            timeout);
      const auto begin = std::chrono::steady_clock::now();
      StreamCall call(*runtime, runtime.event("endless"), [](std::string_view bytes) {
        // About 10 MB a second.
        std::this_thread::sleep_for(std::chrono::microseconds(bytes.size() / 10));
      });
      CHECK_FALSE(call.result().answered());
      const auto took = std::chrono::steady_clock::now() - begin;
      CHECK(took < 2 * timeout);
      CHECK_MESSAGE(Json(call.result().body).text("errorType") == "Function.Timeout",
                    call.result().body);
      REQUIRE(testing::eventually([&] { return runtime->idle(); }));
      CHECK(runtime.notes() == "shutdown\n");
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE(
      "an answer over the limit of streams is cut there and fails with ResponseSizeTooLarge") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall call(*runtime, runtime.event("endless"), [](std::string_view) {});
      CHECK_FALSE(call.result().answered());
      CHECK(Json(call.result().body).text("errorType") == "Function.ResponseSizeTooLarge");
      CHECK(call.count() <= 209'715'200);
      CHECK(call.count() > 200'000'000);
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("when the caller has gone, PHP's next output ends the script; shutdown functions run") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      {
        StreamCall call(*runtime, runtime.event("gone"));
        REQUIRE_MESSAGE(call.has("part"), runtime->output());
        call.hang_up();
        runtime.open_gate();
        CHECK(call.result().ending == emulator::Ending::kAborted);
      }
      REQUIRE(testing::eventually([&] { return runtime->idle(); }));
      CHECK(runtime.notes() == "shutdown 1 1\n");
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("code under ignore_user_abort() runs to its end after the caller has gone") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      {
        StreamCall call(*runtime, runtime.event("gone", "&ignore=1"));
        REQUIRE_MESSAGE(call.has("part"), runtime->output());
        call.hang_up();
        runtime.open_gate();
        CHECK(call.result().ending == emulator::Ending::kAborted);
      }
      REQUIRE(testing::eventually([&] { return runtime->idle(); }));
      CHECK(runtime.notes() == "went on to its end\nshutdown 1 1\n");
      CHECK(runtime.serves_on());
      check_idle(runtime);
    }
  }

  TEST_CASE("a handler that throws before its first part fails as without streaming") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      for (const char* what : {"exception", "broken-at-once"}) {
        StreamCall call(*runtime, query_event(what));
        CHECK(call.result().ending == emulator::Ending::kFailed);
        CHECK_FALSE(call.result().streamed);
        CHECK(Json(call.result().body).text("errorType") == "DomainException");
      }
      StreamCall call(*runtime, query_event("wrong-piece"));
      CHECK_FALSE(call.result().streamed);
      CHECK(Json(call.result().body).text("errorType") == "Runtime.InvalidResult");
      CHECK(contains(Json(call.result().body).text("errorMessage"), "piece 0"));
      check_idle(runtime);
    }
  }

  TEST_CASE("a handler that throws between its parts ends the stream with its exception") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      StreamCall raw(*runtime, query_event("broken"));
      CHECK_FALSE(raw.result().answered());
      CHECK(raw.result().streamed);
      CHECK(raw.bytes() == "part");
      CHECK(Json(raw.result().body).text("errorType") == "DomainException");
      CHECK(contains(Json(raw.result().body).text("errorMessage"), "between the parts"));
      StreamCall http(*runtime, query_event("broken-http"));
      CHECK(trailers(http, "part").text("errorType") == "DomainException");
      StreamCall next(*runtime, query_event("array"));
      CHECK(next.result().answered());
      check_idle(runtime);
    }
  }

  TEST_CASE("a generator whose caller has gone is ended, and its finally blocks run") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      {
        StreamCall call(*runtime, query_event("many"), {}, true);
        REQUIRE(call.has("xxx"));
        call.hang_up();
        CHECK(call.result().ending == emulator::Ending::kAborted);
      }
      StreamCall next(*runtime, query_event("array"));
      CHECK(next.result().answered());
      check_idle(runtime);
    }
  }
}
