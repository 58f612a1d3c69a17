// SPDX-License-Identifier: MIT
#include "emulator/local_lambda.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <sys/mman.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/poll.h"
#include "tests/unit/emulator/fake_runtime.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::emulator::test::FakeRuntime;
using phork::emulator::test::Reply;

namespace {

constexpr const char* kModeVariable = "FAKE_RUNTIME_MODE";

// What the events make the fake runtime do.
void obey(const std::string& command, const std::string& id, FakeRuntime& runtime) {
  if (command == "\"exit\"") ::_exit(3);
  if (command == "\"exit 0\"") ::_exit(0);
  if (command == "\"crash\"") ::raise(SIGKILL);
  if (command == "\"hang\"") ::pause();
  if (command == "\"answer and hang\"") {
    runtime.respond(id, "\"answered\"");
    ::pause();
  }
  if (command == "\"answer and exit\"") {
    runtime.respond(id, "\"answered\"");
    ::_exit(0);
  }
  if (command == "\"fail\"") {
    runtime.fail(id, R"({"errorType":"E","errorMessage":"m"})", "Function.E");
    return;
  }
  if (command == "\"pid\"") {
    runtime.respond(id, std::to_string(::getpid()));
    return;
  }
  std::cout << "event " << command << "\npart " << std::flush << "ial\n"
            << R"({"phork":"event","strategy":"fake","minor_faults":5,"php_us":1})" << std::endl;
  runtime.respond(id, command);
}

// A log of its own to read back.
struct LogFile {
  phork::base::Fd fd{::memfd_create("log", MFD_CLOEXEC)};

  std::vector<std::string> lines() const {
    std::string text(static_cast<std::size_t>(::lseek(fd.get(), 0, SEEK_END)), '\0');
    REQUIRE(::pread(fd.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    std::vector<std::string> all;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;) {
      all.push_back(text.substr(0, end));
      text.erase(0, end + 1);
    }
    return all;
  }
};

struct Fixture {
  LogFile file;
  LogSink log{file.fd.get()};

  static FunctionConfig config(const std::string& mode = {}) {
    FunctionConfig made;
    made.program = std::filesystem::read_symlink("/proc/self/exe").string();
    made.arguments = test::fake_runtime_arguments();
    made.task_root = "/";
    made.handler = "handler";
    made.timeout = 20s;
    made.environment = phork::process::current_environment();
    phork::process::set_variable(made.environment, kModeVariable, mode);
    return made;
  }

  static EventResult invoke(LocalLambda& lambda, const std::string& command) {
    Event event;
    event.payload = '"' + command + '"';
    return lambda.invoke(std::move(event));
  }

  std::vector<std::string> lines() {
    log.flush();
    return file.lines();
  }

  std::size_t count(const std::string& prefix) {
    const std::vector<std::string> all = lines();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&prefix](const std::string& line) { return line.starts_with(prefix); }));
  }
};

}  // namespace

TEST_CASE("fake runtime (helper process)" * doctest::skip()) {
  std::signal(SIGTERM, SIG_DFL);  // doctest would report it as a crash
  const std::string mode = std::getenv(kModeVariable);
  FakeRuntime runtime(std::getenv("AWS_LAMBDA_RUNTIME_API"));
  if (mode == "exit") ::_exit(4);
  if (mode == "hang") ::pause();
  if (mode == "ignore SIGTERM") std::signal(SIGTERM, SIG_IGN);
  if (mode == "init error") {
    runtime.init_error(R"({"errorType":"Runtime.PhpFatal","errorMessage":"syntax error"})");
    ::_exit(1);
  }
  if (mode == "environment") std::cout << "handler " << std::getenv("_HANDLER") << std::endl;
  // Fails from the second process on.
  if (mode.starts_with("once ") &&
      ::open(mode.c_str() + 5, O_CREAT | O_EXCL | O_CLOEXEC, 0600) == -1) {
    runtime.init_error(R"({"errorType":"Runtime.PhpFatal","errorMessage":"second"})");
    ::_exit(1);
  }
  while (true) {
    const Reply next = runtime.next();
    if (next.status != 200) ::_exit(9);
    obey(next.body, next.request_id(), runtime);
  }
}

TEST_CASE_FIXTURE(Fixture, "events are answered and logged between START and END, in order") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "one").body == "\"one\"");
  CHECK(invoke(lambda, "two").body == "\"two\"");
  lambda.stop();
  std::vector<std::string> all = lines();
  std::erase_if(all, [](const std::string& line) { return line.starts_with("[doctest]"); });
  REQUIRE(all.size() == 11);
  CHECK(all[0].starts_with("INIT_START "));
  CHECK(all[1].starts_with("START RequestId: "));
  CHECK(all[2] == "event \"one\"");
  CHECK(all[3] == "part ial");
  CHECK(all[4].starts_with("END RequestId: "));
  CHECK(all[5].find("\tInit Duration: ") != std::string::npos);
  CHECK(all[7] == "event \"two\"");
  CHECK(all[10].starts_with("REPORT RequestId: "));
  CHECK(all[10].find("\tInit Duration: ") == std::string::npos);
  CHECK(all[10].find("Max Memory Used: 0 MB") == std::string::npos);
  const Summary summary = lambda.summary();
  CHECK(summary.strategy == "fake");
  CHECK(summary.minor_faults_p50 == 5);
  CHECK(summary.events == 2);
  CHECK(summary.errors == 0);
  CHECK(summary.cold_start_ms > 0);
}

TEST_CASE_FIXTURE(Fixture, "metrics lines are printed where the user asked for them") {
  FunctionConfig printing = config();
  printing.print_metrics = true;
  LocalLambda lambda(printing, log, "default");
  REQUIRE(lambda.start().ok());
  invoke(lambda, "one");
  lambda.stop();
  CHECK(count("{\"phork\":\"event\"") == 1);
}

TEST_CASE_FIXTURE(Fixture, "one process serves many events") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  const std::string pid = invoke(lambda, "pid").body;
  for (int i = 0; i < 20; ++i) CHECK(invoke(lambda, "pid").body == pid);
}

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
  CHECK(count("INIT_START") == 4);
  CHECK(lambda.summary().errors == 3);
}

TEST_CASE_FIXTURE(Fixture, "a runtime that ends after its answer costs nothing") {
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
  CHECK(invoke(lambda, "next").answered());
}

TEST_CASE_FIXTURE(Fixture, "the deadline holds for what comes after the answer too") {
  FunctionConfig hasty = config();
  hasty.timeout = 300ms;
  LocalLambda lambda(hasty, log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "answer and hang").answered());
  CHECK(invoke(lambda, "next").answered());
  lambda.stop();
  const std::vector<std::string> all = lines();
  CHECK(std::ranges::any_of(
      all, [](const std::string& line) { return line.ends_with("\tStatus: timeout"); }));
}

TEST_CASE_FIXTURE(Fixture, "an init error at start is told in the runtime's own words") {
  LocalLambda lambda(config("init error"), log, "default");
  const phork::base::Status started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == phork::base::ErrorKind::kRefused);
  CHECK(started.error().text.ends_with("Runtime.PhpFatal: syntax error"));
}

TEST_CASE_FIXTURE(Fixture, "an init that exits, hangs or cannot start is told as such") {
  FunctionConfig failing = config("exit");
  const char* words = "Runtime.ExitError: Runtime exited with error: exit status 4";
  SUBCASE("exit") {}
  SUBCASE("hang") {
    failing = config("hang");
    failing.init_timeout = 200ms;
    words = "Sandbox.Timedout: init: Task timed out after 0.20 seconds";
  }
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

TEST_CASE_FIXTURE(Fixture, "an init that fails under an event is that event's answer") {
  char path[] = "/tmp/phork-emulator-test-XXXXXX";
  REQUIRE(::mkdtemp(path) != nullptr);
  const std::string marker = std::string(path) + "/started";
  LocalLambda lambda(config("once " + marker), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "exit").ending == Ending::kExited);
  const EventResult failed = invoke(lambda, "x");
  CHECK(failed.ending == Ending::kNotServed);
  CHECK(failed.body == R"({"errorType":"Runtime.PhpFatal","errorMessage":"second"})");
  std::filesystem::remove(marker);
  CHECK(invoke(lambda, "x").answered());
  lambda.stop();
  CHECK(lambda.summary().errors == 2);
  std::filesystem::remove_all(path);
}

TEST_CASE_FIXTURE(Fixture, "stopping ends the process, even one that ignores SIGTERM") {
  LocalLambda lambda(config("ignore SIGTERM"), log, "default");
  REQUIRE(lambda.start().ok());
  const pid_t pid = std::stoi(invoke(lambda, "pid").body);
  CHECK(::kill(pid, 0) == 0);
  lambda.stop();
  CHECK(::kill(pid, 0) == -1);
  CHECK(invoke(lambda, "x").ending == Ending::kNotServed);
}

TEST_CASE_FIXTURE(Fixture, "a start can be given up") {
  LocalLambda lambda(config("hang"), log, "default");
  lambda.request_stop();
  const phork::base::Status started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == phork::base::ErrorKind::kStopped);
}

TEST_CASE_FIXTURE(Fixture, "callers at the same time are all answered, each with its own answer") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  std::atomic<int> right = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&lambda, &right, caller] {
      for (int i = 0; i < 25; ++i) {
        const std::string mine = std::to_string(caller) + '/' + std::to_string(i);
        if (invoke(lambda, mine).body == '"' + mine + '"') ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(right == 100);
}

TEST_CASE("a runtime sees Lambda's variables and the user's, and none that Lambda reserves") {
  FunctionConfig function;
  function.task_root = "/app";
  function.handler = "index.php";
  function.memory_mb = 512;
  function.environment = {"PATH=/bin",          "MINE=1",
                          "_HANDLER=old",       "AWS_LAMBDA_MAX_CONCURRENCY=4",
                          "_X_AMZN_TRACE_ID=x", "AWS_LAMBDA_LOG_FORMAT=JSON",
                          "TZ=Europe/Paris"};
  const auto environment = runtime_environment(function, "127.0.0.1:9001");
  const auto has = [&environment](const std::string& entry) {
    return std::ranges::count(environment, entry) == 1;
  };
  for (const char* entry :
       {"PATH=/bin", "MINE=1", "_HANDLER=index.php", "AWS_LAMBDA_LOG_FORMAT=JSON", "TZ=:UTC",
        "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001", "LAMBDA_TASK_ROOT=/app", "AWS_REGION=us-east-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand"}) {
    CAPTURE(entry);
    CHECK(has(entry));
  }
  for (const std::string& entry : environment) {
    CHECK_FALSE(entry.starts_with("AWS_LAMBDA_MAX_CONCURRENCY"));
    CHECK_FALSE(entry.starts_with("_X_AMZN_TRACE_ID"));
  }
}
