// SPDX-License-Identifier: MIT
#include "runtime/lambda/answering.h"

#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/lambda/limits.h"
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

Answered answer_with(Script& script, const base::Outcome& outcome) {
  Answered answered;
  const auto api = testing::make_fake_api(script, 0);
  answered.log =
      captured(STDERR_FILENO, [&] { answered.status = answer(*api, event_named("r-1"), outcome); });
  answered.notes = script.notes();
  return answered;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("answering") {
  TEST_CASE("an answer is posted as it is, without a word in the log") {
    Script script;
    const Answered answered = answer_with(script, base::Answer{"[1]"});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"post r-1 [1]"});
    CHECK(answered.log.empty());
  }

  TEST_CASE("a failure is posted as one and logged with its type and message") {
    Script script;
    const Answered answered =
        answer_with(script, base::Failure{"App\\SoldOut", "no apples", {"#0 secret.php"}});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"fail r-1 App\\SoldOut"});
    CHECK(contains(answered.log, "App\\SoldOut: no apples"));
  }

  TEST_CASE("the largest answer that is taken is sent") {
    Script script;
    const std::string largest(lambda::kMaxAnswerBytes, 'x');
    CHECK(answer_with(script, base::Answer{largest}).notes.front().starts_with("post r-1 xxx"));
  }

  TEST_CASE("an answer one byte too large is a failure that tells both sizes") {
    Script script;
    const std::string too_large(lambda::kMaxAnswerBytes + 1, 'x');
    const Answered answered = answer_with(script, base::Answer{too_large});
    CHECK(answered.status.ok());
    CHECK(answered.notes == std::vector<std::string>{"fail r-1 Function.ResponseSizeTooLarge"});
    CHECK(contains(answered.log, std::to_string(lambda::kMaxAnswerBytes + 1)));
    CHECK(contains(answered.log, std::to_string(lambda::kMaxAnswerBytes) + '\n'));
    CHECK_FALSE(contains(answered.log, "xxx"));
  }

  TEST_CASE("a refusal is this event's affair only and leaves a line") {
    Script script;
    script.posted = Posted{Posted::Verdict::kLate, 410, "InvalidStateTransition"};
    const Answered answered = answer_with(script, base::Answer{"secret"});
    CHECK(answered.status.ok());
    CHECK(contains(answered.log, "not taken"));
    CHECK(contains(answered.log, "410"));
    CHECK(contains(answered.log, "InvalidStateTransition"));
    CHECK_FALSE(contains(answered.log, "secret"));
  }

  TEST_CASE("an API that is gone is an error, for answers and failures alike") {
    for (const base::Outcome& outcome :
         {base::Outcome(base::Answer{"1"}), base::Outcome(base::Failure{"T", "m", {}})}) {
      Script script;
      script.posted = base::Error{base::ErrorKind::kDisconnected, "lambda: gone"};
      const Answered answered = answer_with(script, outcome);
      REQUIRE_FALSE(answered.status.ok());
      CHECK(answered.status.error().kind == base::ErrorKind::kDisconnected);
      CHECK(answered.notes.size() == 1);  // what may have been received is not sent again
    }
  }
}

}  // namespace phork::supervisor
