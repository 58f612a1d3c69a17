// SPDX-License-Identifier: MIT
//
// Several environments of one function: when they start, which event each takes, and that one does
// not harm another.
#include "emulator/environments/fleet.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "tests/unit/emulator/lambda_fixture.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using Fixture = phork::emulator::test::LambdaFixture;
using phork::emulator::test::Callers;
using phork::emulator::test::eventually;

namespace {

std::size_t busy(const LocalLambda& lambda) {
  const auto environments = lambda.activity().snapshot(0, 0).environments;
  return static_cast<std::size_t>(
      std::ranges::count(environments, EnvironmentState::kBusy, &EnvironmentView::state));
}

bool all_answered(const std::vector<EventResult>& results) {
  return std::ranges::all_of(results, &EventResult::answered);
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "concurrent events get an environment each") {
  LocalLambda lambda(config({}, 4), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(lambda.summary().environments == 1);
  Callers callers(lambda);
  for (int i = 0; i < 4; ++i) callers.invoke("meet 4");  // each waits for the others
  CHECK(all_answered(callers.results()));
  CHECK(lambda.summary().environments == 4);
}

TEST_CASE_FIXTURE(Fixture, "there are never more environments than the concurrency allows") {
  LocalLambda lambda(config({}, 3), log, "default");
  REQUIRE(lambda.start().ok());
  Callers callers(lambda);
  for (int i = 0; i < 24; ++i) callers.invoke("pid");
  std::set<std::string> pids;
  for (const EventResult& result : callers.results()) pids.insert(result.body);
  lambda.stop();  // completes the records of the last events
  CHECK(pids.size() <= 3);
  CHECK(lambda.summary().environments <= 3);
  CHECK(lambda.summary().cold_starts <= 3);
  CHECK(lambda.summary().events == 24);
}

TEST_CASE_FIXTURE(Fixture, "sequential events need only one environment") {
  LocalLambda lambda(config({}, 10), log, "default");
  REQUIRE(lambda.start().ok());
  const pid_t pid = pid_of_runtime(lambda);
  // An environment that has answered may still be busy when the next event comes.
  for (int i = 0; i < 5; ++i) {
    CHECK(eventually([&lambda] { return busy(lambda) == 0; }));
    CHECK(pid_of_runtime(lambda) == pid);
  }
  CHECK(lambda.summary().environments == 1);
}

TEST_CASE_FIXTURE(Fixture, "waiting events are served in order of arrival") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  Callers callers(lambda);
  callers.invoke("await release");
  CHECK(eventually([&lambda] { return busy(lambda) == 1; }));
  for (std::size_t i = 1; i <= 5; ++i) {
    callers.invoke(std::to_string(i));
    CHECK(eventually([&lambda, i] { return lambda.backlog() == i; }));
  }
  folder.write("release", "");
  CHECK(all_answered(callers.results()));
  lambda.stop();  // the last line of a runtime may come after its answer
  std::string order;
  for (const std::string& line : lines()) {
    if (line.starts_with("event \"") && line.size() == 9) order += line[7];
  }
  CHECK(order == "12345");
}

TEST_CASE_FIXTURE(Fixture,
                  "an environment that becomes free takes an event that another was started for") {
  LocalLambda lambda(config("first works, then hang", 2), log, "default");
  REQUIRE(lambda.start().ok());
  Callers callers(lambda);
  callers.invoke("await release");
  CHECK(eventually([&lambda] { return busy(lambda) == 1; }));
  callers.invoke("x");  // the environment that starts for it never comes up
  CHECK(eventually([&lambda] { return lambda.summary().environments == 2; }));
  folder.write("release", "");
  CHECK(all_answered(callers.results()));
  lambda.stop();
  CHECK(lambda.summary().cold_starts == 1);
}

TEST_CASE_FIXTURE(Fixture, "an environment that is busy after its answer is not waited for") {
  LocalLambda lambda(config({}, 2), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "answer and hang").answered());
  CHECK(invoke(lambda, "x").answered());
  CHECK(lambda.summary().environments == 2);
}

TEST_CASE_FIXTURE(Fixture, "a crash in one environment leaves the others serving") {
  LocalLambda lambda(config({}, 2), log, "default");
  REQUIRE(lambda.start().ok());
  Callers callers(lambda);
  callers.invoke("await release");
  CHECK(eventually([&lambda] { return busy(lambda) == 1; }));
  for (int i = 0; i < 3; ++i) {
    CHECK(invoke(lambda, "crash").ending == Ending::kExited);
    CHECK(invoke(lambda, "x").answered());
  }
  CHECK(busy(lambda) >= 1);
  folder.write("release", "");
  CHECK(callers.results()[0].answered());
  CHECK(lambda.summary().environments == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "an init that keeps failing is repeated once for each event, not in a loop") {
  constexpr std::size_t kEvents = 12;
  constexpr std::size_t kEnvironments = 2;
  LocalLambda lambda(config("exit", kEnvironments), log, "default");
  Callers callers(lambda);
  for (std::size_t i = 0; i < kEvents; ++i) callers.invoke("x");
  for (const EventResult& result : callers.results()) CHECK(result.ending == Ending::kNotServed);
  lambda.stop();
  CHECK(count("INIT_START") <= kEnvironments);
  CHECK(count("INIT_REPORT") >= kEvents);
  CHECK(count("INIT_REPORT") <= kEvents + 2 * kEnvironments);
  CHECK(lambda.summary().errors == kEvents);
}

namespace {

// Most events are echoed, some fail, a few end the runtime.
bool is_own_answer(LocalLambda& lambda, int caller, int number) {
  if (number % 300 == 299) return Fixture::invoke(lambda, "crash").ending == Ending::kExited;
  if (number % 7 == 6) return Fixture::invoke(lambda, "fail").ending == Ending::kFailed;
  const std::string mine = std::to_string(caller) + '/' + std::to_string(number);
  return Fixture::invoke(lambda, mine).body == '"' + mine + '"';
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "answers never go to the wrong caller, whatever else happens") {
  constexpr int kCallers = 16;
  constexpr int kEventsEach = 625;
  LocalLambda lambda(config({}, 8), log, "default");
  REQUIRE(lambda.start().ok());
  std::atomic<int> right = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&lambda, &right, caller] {
      for (int i = 0; i < kEventsEach; ++i) {
        right += is_own_answer(lambda, caller, i) ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  lambda.stop();  // completes the records of the last events
  CHECK(right == kCallers * kEventsEach);
  CHECK(lambda.summary().events == kCallers * kEventsEach);
  CHECK(lambda.summary().environments <= 8);
}

TEST_CASE_FIXTURE(Fixture, "stopping while environments start releases all callers") {
  LocalLambda lambda(config("hang", 3), log, "default");
  Callers callers(lambda);
  for (int i = 0; i < 6; ++i) callers.invoke("x");
  CHECK(eventually([&lambda] { return lambda.summary().environments == 3; }));
  std::thread starter([&lambda] {
    const phork::base::Status started = lambda.start();
    CHECK(started.error().kind == phork::base::ErrorKind::kStopped);
  });
  lambda.request_stop();
  starter.join();
  for (const EventResult& result : callers.results()) CHECK(result.ending == Ending::kNotServed);
  lambda.stop();
  for (const EnvironmentView& view : lambda.activity().snapshot(0, 0).environments) {
    CHECK(view.state == EnvironmentState::kNone);
  }
}

TEST_CASE_FIXTURE(Fixture, "idle environments end and start again for the next events") {
  FunctionConfig impatient = config({}, 3);
  impatient.idle_timeout = 30ms;
  LocalLambda lambda(impatient, log, "default");
  for (int round = 0; round < 2; ++round) {
    std::filesystem::remove_all(folder.file("meeting"));
    Callers callers(lambda);
    for (int i = 0; i < 3; ++i) callers.invoke("meet 3");
    CHECK(all_answered(callers.results()));
    CHECK(eventually([&lambda] {
      const auto environments = lambda.activity().snapshot(0, 0).environments;
      return std::ranges::all_of(environments, [](const EnvironmentView& view) {
        return view.state == EnvironmentState::kNone;
      });
    }));
  }
  CHECK(lambda.summary().environments == 3);
  CHECK(lambda.summary().cold_starts >= 6);
  CHECK(lambda.summary().errors == 0);
}
