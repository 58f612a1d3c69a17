// SPDX-License-Identifier: MIT
#include "runtime/lambda/answering.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/lambda/runtime_api.h"
#include "tests/support/captured.h"
#include "tests/unit/supervisor/fakes.h"

namespace phork::supervisor {
namespace {

using lambda::Posted;
using phork::testing::captured;
using testing::event_named;
using testing::Script;

struct Answered {
  base::Status status = base::ok_status();
  std::vector<std::string> notes;
  std::string log;
};

Answered answer_with(Script& script, const event::Outcome& outcome) {
  Answered answered;
  const auto api = testing::make_fake_api(script, 0);
  answered.log =
      captured(STDERR_FILENO, [&] { answered.status = answer(*api, event_named("r-1"), outcome); });
  answered.notes = script.notes();
  return answered;
}

// The calls that a strategy makes on the stream before its outcome.
using Streaming = std::function<void(event::AnswerStream&)>;

Answered answer_with(Script& script, const event::Outcome& outcome, const Streaming& streaming,
                     std::size_t limit_bytes = lambda::kMaxStreamBytes) {
  Answered answered;
  const auto api = testing::make_fake_api(script, 0);
  const event::Invocation event = event_named("r-1");
  lambda::StreamedAnswer stream(*api, event, {}, limit_bytes);
  answered.log = captured(STDERR_FILENO, [&] {
    streaming(stream);
    answered.status = answer(*api, event, outcome, stream);
  });
  answered.notes = script.notes();
  return answered;
}

void stream_nothing(event::AnswerStream& /*stream*/) {}

void stream_secret(event::AnswerStream& stream) {
  CHECK_FALSE(stream.begun());
  CHECK(stream.begin("text/html").ok());
  CHECK(stream.begun());
  CHECK(stream.write("secret", base::kNoDeadline).ok());
}

// Writes twice, and expects errors of `kind` from both.
void stream_in_vain(event::AnswerStream& stream, base::ErrorKind kind) {
  CHECK(stream.begin("text/html").ok());
  for (int i = 0; i < 2; ++i) {
    const auto written = stream.write("secret", base::kNoDeadline);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().kind == kind);
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("answering") {
  TEST_CASE("an answer is posted unchanged, and nothing is logged") {
    Script script;
    const Answered answered = answer_with(script, event::Answer{"[1]"});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"post r-1 [1]"});
    CHECK(answered.log.empty());
  }

  TEST_CASE("a failure is posted as an error and logged with its type and message") {
    Script script;
    const Answered answered =
        answer_with(script, event::Failure{"App\\SoldOut", "no apples", {"#0 secret.php"}});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"fail r-1 App\\SoldOut"});
    CHECK(contains(answered.log, "App\\SoldOut: no apples"));
  }

  TEST_CASE("the largest allowed answer is sent") {
    Script script;
    const std::string largest(lambda::kMaxAnswerBytes, 'x');
    CHECK(answer_with(script, event::Answer{largest}).notes.front().starts_with("post r-1 xxx"));
  }

  TEST_CASE("an answer one byte too large is a failure that names both sizes") {
    Script script;
    const std::string too_large(lambda::kMaxAnswerBytes + 1, 'x');
    const Answered answered = answer_with(script, event::Answer{too_large});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"fail r-1 Function.ResponseSizeTooLarge"});
    CHECK(contains(answered.log, std::to_string(lambda::kMaxAnswerBytes + 1)));
    CHECK(contains(answered.log, std::to_string(lambda::kMaxAnswerBytes) + '\n'));
    CHECK_FALSE(contains(answered.log, "xxx"));
  }

  TEST_CASE("a refusal affects only this event and is logged") {
    Script script;
    script.posted = Posted{Posted::Verdict::kLate, 410, "InvalidStateTransition", ""};
    const Answered answered = answer_with(script, event::Answer{"secret"});
    CHECK(answered.status.ok());
    CHECK(contains(answered.log, "not taken"));
    CHECK(contains(answered.log, "410"));
    CHECK(contains(answered.log, "InvalidStateTransition"));
    CHECK_FALSE(contains(answered.log, "secret"));
  }

  TEST_CASE("a refusal is logged with the API's message and the size of what it refused") {
    Script script;
    script.posted = Posted{Posted::Verdict::kTooLarge, 413, "RequestEntityTooLarge", "at most 7"};
    CHECK(contains(answer_with(script, event::Answer{"too long"}).log,
                   "lambda: answer of 8 bytes not taken: status=413 RequestEntityTooLarge: at most "
                   "7\n"));
    CHECK(contains(answer_with(script, event::Failure{"T", "m", {}}).log,
                   "lambda: error of 52 bytes not taken: status=413 RequestEntityTooLarge"));
    script.posted = Posted{Posted::Verdict::kRefused, 502, "", ""};
    CHECK(contains(answer_with(script, event::Answer{""}).log,
                   "lambda: answer of 0 bytes not taken: status=502\n"));
  }

  TEST_CASE("a failure without type and message is logged with a text") {
    Script script;
    CHECK(contains(answer_with(script, event::Failure{"T", "", {}}).log, ": T: no message\n"));
    CHECK(contains(answer_with(script, event::Failure{"", "", {}}).log,
                   "event failed: no message\n"));
  }

  TEST_CASE("a closed API is an error, for answers and failures alike") {
    for (const event::Outcome& outcome :
         {event::Outcome(event::Answer{"1"}), event::Outcome(event::Failure{"T", "m", {}})}) {
      Script script;
      script.posted = base::Error{base::ErrorKind::kDisconnected, "lambda: gone"};
      const Answered answered = answer_with(script, outcome);
      REQUIRE_FALSE(answered.status.ok());
      CHECK(answered.status.error().kind == base::ErrorKind::kDisconnected);
      CHECK(answered.notes.size() == 1);  // Lambda may have received it, so it is not sent again
    }
  }

  TEST_CASE("answers and failures are posted as usual when the stream was never begun") {
    Script answered;
    CHECK(answer_with(answered, event::Answer{"[1]"}, stream_nothing).notes ==
          std::vector<std::string>{"post r-1 [1]"});
    Script failed;
    CHECK(answer_with(failed, event::Failure{"T", "m", {}}, stream_nothing).notes ==
          std::vector<std::string>{"fail r-1 T"});
    Script gone;
    gone.posted = base::Error{base::ErrorKind::kDisconnected, "lambda: gone"};
    CHECK_FALSE(answer_with(gone, event::Answer{"[1]"}, stream_nothing).status.ok());
  }

  TEST_CASE("a stream is ended, and nothing is logged") {
    Script script;
    const Answered answered = answer_with(script, event::Streamed{}, stream_secret);
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"begin r-1 text/html", "write secret", "end"});
    CHECK(answered.log.empty());
  }

  TEST_CASE("a failure after the beginning of a stream ends it and is logged once") {
    Script script;
    const Answered answered =
        answer_with(script, event::Failure{"App\\SoldOut", "no apples", {}}, stream_secret);
    CHECK(answered.status.ok());
    CHECK(answered.notes.back() == "end App\\SoldOut");
    CHECK(answered.notes.size() == 3);
    CHECK(contains(answered.log, "App\\SoldOut: no apples"));
    CHECK(std::ranges::count(answered.log, '\n') == 1);
  }

  TEST_CASE("an outcome that does not fit the stream is a bug that is reported to the caller") {
    const std::vector<std::string> failed{"fail r-1 Runtime.Bug"};
    Script streamed_without;
    CHECK(answer_with(streamed_without, event::Streamed{}).notes == failed);
    Script never_begun;
    const Answered without = answer_with(never_begun, event::Streamed{}, stream_nothing);
    CHECK(without.notes == failed);
    CHECK(contains(without.log, "[bug]"));
    Script whole_behind_begun;
    const Answered behind = answer_with(whole_behind_begun, event::Answer{"whole"}, stream_secret);
    CHECK(behind.notes.back() == "end Runtime.Bug");
    CHECK(contains(behind.log, "[bug]"));
  }

  TEST_CASE("a caller that went away is logged once, and the API still counts as connected") {
    Script script;
    script.written = base::Error{base::ErrorKind::kDisconnected, "lambda: stream: closed"};
    script.posted = base::Error{base::ErrorKind::kDisconnected, "lambda: stream: closed"};
    const Answered answered =
        answer_with(script, event::Streamed{}, [](event::AnswerStream& stream) {
          stream_in_vain(stream, base::ErrorKind::kDisconnected);
        });
    CHECK(answered.status.ok());
    // The lost answer is not written again.
    CHECK(answered.notes == std::vector<std::string>{"begin r-1 text/html", "write secret", "end"});
    CHECK(contains(answered.log, "warn: the caller went away"));
    CHECK(contains(answered.log, "lambda: stream: closed"));
    CHECK(std::ranges::count(answered.log, '\n') == 1);
    CHECK_FALSE(contains(answered.log, "secret"));
  }

  TEST_CASE("a stream that could not begin is lost, too, and not ended") {
    Script script;
    script.begun = base::Error{base::ErrorKind::kDisconnected, "lambda: cannot connect"};
    const Answered answered =
        answer_with(script, event::Streamed{}, [](event::AnswerStream& stream) {
          CHECK_FALSE(stream.begin("text/html").ok());
          CHECK(stream.begun());
          CHECK(stream.write("x", base::kNoDeadline).error().kind ==
                base::ErrorKind::kDisconnected);
        });
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"begin r-1 text/html"});
    CHECK(contains(answered.log, "lambda: cannot connect"));
  }

  TEST_CASE("a stream that the API refuses is logged with its status") {
    Script script;
    script.written = base::Error{base::ErrorKind::kRefused, "lambda: stream: got status 413"};
    script.posted = Posted{Posted::Verdict::kTooLarge, 413, "RequestEntityTooLarge", "at most 7"};
    const Answered answered = answer_with(
        script, event::Streamed{},
        [](event::AnswerStream& stream) { stream_in_vain(stream, base::ErrorKind::kRefused); });
    CHECK(answered.status.ok());
    CHECK(answered.notes.back() == "end");
    CHECK(contains(answered.log,
                   "streamed answer of 6 bytes not taken: status=413 RequestEntityTooLarge: at "
                   "most 7\n"));
  }

  TEST_CASE("a stream whose reader is too slow ends with Function.Timeout") {
    Script script;
    script.written = base::Error{base::ErrorKind::kTimeout, "lambda: stream: not read in time"};
    const Answered answered = answer_with(
        script, event::Streamed{},
        [](event::AnswerStream& stream) { stream_in_vain(stream, base::ErrorKind::kTimeout); });
    CHECK(answered.status.ok());
    CHECK(answered.notes.back() == "end Function.Timeout");
    CHECK(contains(answered.log, "Function.Timeout: the answer was not read in time"));
  }

  TEST_CASE("a stream of the maximum length is sent, and one byte more is a failure") {
    const auto write_two = [](event::AnswerStream& stream) {
      CHECK(stream.begin("a/b").ok());
      CHECK(stream.write("12345", base::kNoDeadline).ok());
      CHECK(stream.write("67890", base::kNoDeadline).ok());
    };
    Script fits;
    CHECK(answer_with(fits, event::Streamed{}, write_two, 10).notes.back() == "end");

    const auto write_more = [&](event::AnswerStream& stream) {
      write_two(stream);
      for (int i = 0; i < 2; ++i) {
        const auto written = stream.write("1", base::kNoDeadline);
        REQUIRE_FALSE(written.ok());
        CHECK(written.error().kind == base::ErrorKind::kRefused);
      }
    };
    // The outcome that the strategy made of the refusal does not matter.
    for (const event::Outcome& outcome :
         {event::Outcome(event::Streamed{}), event::Outcome(event::Failure{"T", "m", {}})}) {
      Script too_long;
      const Answered answered = answer_with(too_long, outcome, write_more, 10);
      CHECK(answered.status.ok());
      CHECK(answered.notes == std::vector<std::string>{"begin r-1 a/b", "write 12345",
                                                       "write 67890",
                                                       "end Function.ResponseSizeTooLarge"});
      CHECK(contains(answered.log, "more than the 10 bytes"));
    }
  }

  TEST_CASE("writing a stream before its beginning, or beginning it twice, is refused as a bug") {
    Script script;
    answer_with(script, event::Answer{"1"}, [](event::AnswerStream& stream) {
      CHECK(contains(stream.write("x", base::kNoDeadline).error().text, "[bug]"));
    });
    CHECK(script.notes() == std::vector<std::string>{"post r-1 1"});
    Script twice;
    answer_with(twice, event::Streamed{}, [](event::AnswerStream& stream) {
      CHECK(stream.begin("a/b").ok());
      CHECK(contains(stream.begin("a/b").error().text, "[bug]"));
    });
    CHECK(twice.notes() == std::vector<std::string>{"begin r-1 a/b", "end"});
  }
}

}  // namespace phork::supervisor
