// SPDX-License-Identifier: MIT
//
// One environment and its processes: how they start, end, fail and start again, and the lines that
// Lambda writes about it.
#include "emulator/environments/environment.h"

#include <algorithm>
#include <csignal>
#include <regex>

#include "tests/unit/emulator/lambda_fixture.h"
#include "tests/unit/emulator/raw_socket.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using Fixture = phork::emulator::test::LambdaFixture;
using phork::emulator::test::Callers;
using phork::emulator::test::eventually;
using phork::emulator::test::RawSocket;

namespace {

// The first word of each line.
std::vector<std::string> first_words(const std::vector<std::string>& lines) {
  std::vector<std::string> words;
  for (const std::string& line : lines) words.push_back(line.substr(0, line.find(' ')));
  return words;
}

bool contains(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(
      lines, [&part](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a runtime that ends costs its event and the next one gets a new process") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());

  struct Case {
    const char* command;
    const char* words;
  };

  for (const Case each : {Case{"exit", "Runtime exited with error: exit status 3"},
                          Case{"exit 0", "Runtime exited without providing a reason"},
                          Case{"crash", "Runtime exited with error: signal: killed"}}) {
    CAPTURE(each.command);
    const EventResult result = invoke(lambda, each.command);
    CHECK(result.ending == Ending::kExited);
    CHECK(result.error_type == "Runtime.ExitError");
    CHECK(read_error_json(result.body).message.ends_with(each.words));
    CHECK(invoke(lambda, "next").answered());
  }
  lambda.stop();
  CHECK(count("Runtime.ExitError") == 3);
  CHECK(lambda.summary().errors == 3);
  CHECK(lambda.summary().cold_starts == 4);
  CHECK(lambda.summary().environments == 1);
}

TEST_CASE_FIXTURE(Fixture, "a process that follows a failure starts inside its first event") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  invoke(lambda, "crash");
  CHECK(invoke(lambda, "next").answered());
  const auto init = lambda.activity().snapshot(0, 0).environments.at(0).init;
  lambda.stop();
  CHECK(count("INIT_") == 1);  // the first start; later ones only lengthen a duration
  CHECK(last_field("REPORT", "Init Duration").empty());
  REQUIRE(init.has_value());
  const double duration_ms = std::stod(last_field("REPORT", "Duration"));
  CHECK(duration_ms >= std::chrono::duration<double, std::milli>(*init).count() - 0.01);
}

TEST_CASE_FIXTURE(Fixture, "a snapshot is an init, a pause and a restore, each with its line") {
  FunctionConfig snapped = config("snapshot");
  snapped.snap_start = true;
  snapped.snapshot_age = 50ms;
  LocalLambda lambda(snapped, log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "next").answered());
  CHECK(invoke(lambda, "variable AWS_LAMBDA_INITIALIZATION_TYPE").body == "snap-start");
  CHECK(invoke(lambda, "variable AWS_LAMBDA_LOG_STREAM_NAME").body == "null");
  CHECK(invoke(lambda, "variable AWS_CONTAINER_CREDENTIALS_FULL_URI")
            .body.ends_with(Credentials::kPath));
  lambda.stop();
  const auto words = first_words(lines());
  CHECK(std::vector<std::string>(words.begin(), words.begin() + 4) ==
        std::vector<std::string>{"INIT_START", "INIT_REPORT", "RESTORE_START", "RESTORE_REPORT"});
  CHECK(count("RESTORE_START") == 1);
  CHECK(last_field("RESTORE_REPORT", "Status").empty());
  const auto all = lines();
  const auto first =
      std::ranges::find_if(all, [](const auto& l) { return l.starts_with("REPORT"); });
  CHECK(first->find("Restore Duration: ") != std::string::npos);
  CHECK(first->find("Billed Restore Duration: ") != std::string::npos);
  CHECK(first->find("Init Duration: ") == std::string::npos);
  CHECK(last_field("REPORT", "Restore Duration").empty());
}

TEST_CASE_FIXTURE(Fixture, "a restore that fails keeps the environment from starting") {
  FunctionConfig snapped = config("snapshot, then error");
  snapped.snap_start = true;
  LocalLambda lambda(snapped, log, "default");
  const auto started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().text.find("Runtime.AfterRestoreError: m") != std::string::npos);
  lambda.stop();
  CHECK(last_field("RESTORE_REPORT", "Error Type") == "Runtime.AfterRestoreError");
}

TEST_CASE_FIXTURE(Fixture, "a runtime that exits after its answer fails no event") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "answer and exit").answered());
  CHECK(invoke(lambda, "next").answered());
  CHECK(lambda.summary().errors == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "an event past its deadline is ended with its process, in Lambda's words") {
  FunctionConfig hasty = config();
  hasty.timeout = 300ms;
  LocalLambda lambda(hasty, log, "default");
  REQUIRE(lambda.start().ok());
  const Clock::time_point before = Clock::now();
  const EventResult result = invoke(lambda, "hang");
  CHECK(Clock::now() - before >= 300ms);
  CHECK(result.ending == Ending::kTimedOut);
  CHECK(result.error_type == "Sandbox.Timedout");
  CHECK(read_error_json(result.body).message.ends_with("Task timed out after 0.30 seconds"));
  lambda.stop();
  CHECK(contains(lines(), " Task timed out after 0.30 seconds"));
}

TEST_CASE_FIXTURE(Fixture, "the deadline also covers the work after the answer") {
  FunctionConfig hasty = config();
  hasty.timeout = 300ms;
  LocalLambda lambda(hasty, log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "answer and hang").answered());
  CHECK(eventually([this] { return contains(lines(), "\tStatus: timeout"); }));
}

TEST_CASE_FIXTURE(Fixture, "an init error at start is reported with the runtime's own message") {
  LocalLambda lambda(config("init error"), log, "default");
  const phork::base::Status started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == phork::base::ErrorKind::kRefused);
  CHECK(started.error().text.ends_with("Runtime.PhpFatal: syntax error"));
}

TEST_CASE_FIXTURE(Fixture, "an init that exits or cannot start is reported as such") {
  FunctionConfig failing = config("exit");
  const char* words = "Runtime.ExitError: Runtime exited with error: exit status 4";
  SUBCASE("exit") {}
  SUBCASE("no such program") {
    failing.program = "/nowhere/bootstrap";
    words = "No such file or directory";
  }
  LocalLambda lambda(failing, log, "default");
  const phork::base::Status started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CAPTURE(started.error().text);
  CHECK(started.error().text.ends_with(words));
}

TEST_CASE_FIXTURE(Fixture, "an init that takes too long is repeated inside the first event") {
  FunctionConfig slow = config("await go");
  slow.init_timeout = 200ms;
  LocalLambda lambda(slow, log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(count("INIT_REPORT Init Duration: ") == 1);
  CHECK(contains(lines(), "\tPhase: init\tStatus: timeout"));
  folder.write("go", "");
  CHECK(invoke(lambda, "x").answered());
  lambda.stop();
  CHECK(first_words(lines()) == std::vector<std::string>{"INIT_START", "INIT_REPORT", "START",
                                                         "event", "part", "END", "REPORT"});
  CHECK(last_field("REPORT", "Init Duration").empty());
}

TEST_CASE_FIXTURE(Fixture, "an init inside an event has the function's timeout") {
  FunctionConfig hasty = config("first works, then hang");
  hasty.timeout = 1s;
  LocalLambda lambda(hasty, log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "crash").ending == Ending::kExited);
  const Clock::time_point before = Clock::now();
  const EventResult result = invoke(lambda, "x");
  CHECK(Clock::now() - before >= 1s);
  CHECK(result.ending == Ending::kTimedOut);
  CHECK(read_error_json(result.body).message.ends_with("Task timed out after 1.00 seconds"));
  lambda.stop();
  CHECK(contains(lines(), "\tPhase: invoke\tStatus: timeout"));
  CHECK(last_field("REPORT", "Status") == "timeout");
  CHECK(std::stod(last_field("REPORT", "Duration")) >= 1000);
}

TEST_CASE_FIXTURE(Fixture, "a failed init is repeated once inside the event that waits") {
  LocalLambda lambda(config("first fails"), log, "default");
  CHECK(invoke(lambda, "x").answered());  // nobody called start()
  lambda.stop();
  CHECK(first_words(lines()) == std::vector<std::string>{"INIT_START", "INIT_REPORT", "START",
                                                         "event", "part", "END", "REPORT"});
  CHECK(contains(lines(), "\tPhase: init\tStatus: error\tError Type: Runtime.PhpFatal"));
  CHECK(lambda.summary().errors == 0);
}

TEST_CASE_FIXTURE(Fixture, "an init that fails again inside an event is the event's answer") {
  LocalLambda lambda(config("exit"), log, "default");
  const EventResult failed = invoke(lambda, "x");
  CHECK(failed.ending == Ending::kNotServed);
  CHECK(failed.error_type == "Runtime.ExitError");
  lambda.stop();
  CHECK(first_words(lines()) == std::vector<std::string>{"INIT_START", "INIT_REPORT", "INIT_REPORT",
                                                         "START", "RequestId:", "Runtime.ExitError",
                                                         "END", "REPORT"});
  CHECK(contains(lines(), "\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError"));
  CHECK(last_field("REPORT", "Error Type") == "Runtime.ExitError");
  CHECK(lambda.summary().errors == 1);
  CHECK(lambda.summary().cold_starts == 0);
}

TEST_CASE_FIXTURE(Fixture, "an init error inside an event is the event's answer as it was posted") {
  LocalLambda lambda(config("first works"), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "exit").ending == Ending::kExited);
  const EventResult failed = invoke(lambda, "x");
  CHECK(failed.ending == Ending::kNotServed);
  CHECK(failed.body == R"({"errorType":"Runtime.PhpFatal","errorMessage":"second"})");
  folder.remove("started");
  CHECK(invoke(lambda, "x").answered());
  CHECK(lambda.summary().errors == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "an environment that idles for too long ends; the next event starts it") {
  FunctionConfig impatient = config();
  impatient.idle_timeout = 30ms;
  LocalLambda lambda(impatient, log, "default");
  REQUIRE(lambda.start().ok());
  for (std::uint64_t starts = 1; starts <= 3; ++starts) {
    const pid_t pid = pid_of_runtime(lambda);
    CHECK(eventually([pid] { return ::kill(pid, 0) == -1; }));
  }
  lambda.stop();
  // At least one for each event, and perhaps one that ended idle before its event came.
  CHECK(lambda.summary().cold_starts >= 3);
  CHECK(count("INIT_START") == lambda.summary().cold_starts);
  CHECK_FALSE(last_field("REPORT", "Init Duration").empty());
  CHECK(lambda.summary().environments == 1);
  CHECK(lambda.summary().errors == 0);
}

TEST_CASE_FIXTURE(Fixture, "an event that takes longer than the idle timeout is not cut off") {
  FunctionConfig impatient = config();
  impatient.idle_timeout = 20ms;
  LocalLambda lambda(impatient, log, "default");
  Callers callers(lambda);
  callers.invoke("await release");
  const auto busy_since = [&lambda] {
    const auto environments = lambda.activity().snapshot(0, 0).environments;
    return !environments.empty() && environments[0].state == EnvironmentState::kBusy
               ? environments[0].since
               : std::chrono::system_clock::now();
  };
  CHECK(eventually([&] { return std::chrono::system_clock::now() - busy_since() > 100ms; }));
  folder.write("release", "");
  CHECK(callers.results()[0].answered());
}

TEST_CASE_FIXTURE(Fixture, "renewing ends a process when it has no event, and its memory with it") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  const pid_t idle = pid_of_runtime(lambda);
  lambda.renew();
  const pid_t next = pid_of_runtime(lambda);
  CHECK(next != idle);
  const auto comes_to = [&lambda](EnvironmentState state) {
    return eventually([&lambda, state] {
      return lambda.activity().snapshot(0, 0).environments.at(0).state == state;
    });
  };
  CHECK(comes_to(EnvironmentState::kIdle));
  Callers callers(lambda);
  callers.invoke("await release");
  CHECK(comes_to(EnvironmentState::kBusy));
  lambda.renew();
  callers.invoke("pid");  // waits behind the event that is under way
  CHECK(eventually([&lambda] { return lambda.backlog() == 1; }));
  folder.write("release", "");
  const std::vector<EventResult> results = callers.results();
  CHECK(results[0].answered());
  CHECK(std::stoi(results[1].body) != next);
  lambda.stop();
  CHECK(count("INIT_START") == 3);
  CHECK(lambda.summary().errors == 0);
}

TEST_CASE_FIXTURE(Fixture, "a background program ends with its runtime, however that ends") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  for (const char* const end : {"crash", "exit", "hang"}) {
    CAPTURE(end);
    const auto daemon = static_cast<pid_t>(std::stoi(invoke(lambda, "daemon").body));
    CHECK(phork::testing::lives(daemon));
    invoke(lambda, end);
    CHECK(eventually([daemon] { return !phork::testing::lives(daemon); }));
  }
}

TEST_CASE_FIXTURE(Fixture, "a fresh environment has its own log stream, named as Lambda does") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  const std::string stream = invoke(lambda, "log stream").body;
  const std::regex form(R"(\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32})");
  CHECK(std::regex_match(stream, form));
  invoke(lambda, "crash");
  CHECK(invoke(lambda, "log stream").body == stream);
  lambda.renew();
  CHECK(invoke(lambda, "log stream").body != stream);
}

TEST_CASE_FIXTURE(Fixture, "the activity shows states, events and the log of each") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  Event event;
  event.request_id = "mine";
  event.payload = "\"x\"";
  CHECK(lambda.invoke(std::move(event)).answered());
  const std::string told =
      lambda.activity().log_of("mine", 4096, Clock::now() + std::chrono::seconds(10));
  CHECK(told.starts_with("START RequestId: mine"));
  CHECK(told.find("event \"x\"\n") != std::string::npos);
  CHECK(told.find("REPORT RequestId: mine") != std::string::npos);
  invoke(lambda, "crash");
  const auto state = [&lambda] {
    return lambda.activity().snapshot(0, 0).environments.at(0).state;
  };
  CHECK(eventually([&state] { return state() == EnvironmentState::kNone; }));
  const ActivitySnapshot snapshot = lambda.activity().snapshot(0, 0);
  CHECK(snapshot.environments[0].pid == 0);
  CHECK(snapshot.environments[0].starts == 1);
  CHECK(snapshot.environments[0].events == 2);
  REQUIRE(snapshot.invocations.size() == 2);
  CHECK(snapshot.invocations[0].init.has_value());
  CHECK(snapshot.invocations[1].ending == Ending::kExited);
}

TEST_CASE_FIXTURE(Fixture, "only the processes of an environment may call its Runtime API") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  const std::string address = invoke(lambda, "api").body;
  // The test is a stranger to the runtime, as any program and any web page is.
  for (const char* call : {"GET /2018-06-01/runtime/invocation/next",
                           "POST /2018-06-01/runtime/init/error", "GET /2018-06-01/ping"}) {
    CAPTURE(call);
    RawSocket stranger(
        static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
    REQUIRE(stranger.connected());
    stranger.send(std::string(call) + " HTTP/1.1\r\nHost: " + address + "\r\n\r\n");
    CHECK(stranger.receive_all().starts_with("HTTP/1.1 403 "));
  }
  // A child of the runtime is no stranger.
  CHECK(invoke(lambda, "ping from a child").body == "\"200\"");
  CHECK(invoke(lambda, "next").answered());
  lambda.stop();
}
