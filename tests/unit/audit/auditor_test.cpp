// SPDX-License-Identifier: MIT
//
// The auditor with runtimes that are this test binary: each strategy behaves in its own way.
#include "audit/auditor.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/process/spawn.h"
#include "tests/unit/emulator/fake_runtime.h"

using namespace phork;
using namespace phork::audit;
using namespace std::chrono_literals;
using emulator::test::FakeRuntime;

namespace {

const StrategyName kTidy{'T', "tidy", true};
const StrategyName kMessy{'M', "messy", false};   // keeps planted state, and counts its events
const StrategyName kBroken{'B', "broken", true};  // does not boot
const StrategyName kHung{'H', "hung", true};      // boots, and never answers
const StrategyName kStuck{'S', "stuck", true};    // never answers an event of the application

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string probe_answer(const std::string& event, bool messy) {
  static bool planted = false;
  if (event == kinds_event()) {
    return R"({"kinds":[{"name":"one","group":"php","title":"one","available":true}]})";
  }
  if (event == identity_event()) return R"({"php":"8.2.1","sapi":"fake"})";
  if (event == plant_event("one")) {
    planted = messy;
    return R"({"kind":"one","before":0,"after":1})";
  }
  return planted ? R"({"kind":"one","value":1})" : R"({"kind":"one","value":0})";
}

// One record for each event of the application, as php-worker writes it.
void record(const std::string& path, bool messy) {
  static int events = 0;
  std::ofstream(path, std::ios::app)
      << R"({"globals":{"events":)" << (messy ? events : 0) << "}}\n";
  ++events;
}

struct Fixture {
  base::Fd nowhere{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  emulator::LogSink log{nowhere.get()};
  std::vector<std::string> progress;

  static emulator::FunctionConfig function(const std::string& handler) {
    emulator::FunctionConfig made;
    made.program = std::filesystem::read_symlink("/proc/self/exe").string();
    made.arguments = emulator::test::fake_runtime_arguments();
    made.task_root = "/";
    made.handler = handler;
    made.timeout = 20s;
    made.environment = process::current_environment();
    return made;
  }

  static Plan plan(std::vector<StrategyName> strategies) {
    return {"/app",
            function("probe"),
            function("application"),
            {"{\"a\":1}", "\"fail\""},
            std::move(strategies)};
  }

  base::Result<AuditReport> run(Plan plan) {
    Auditor auditor(std::move(plan), log,
                    [this](const std::string& text) { progress.push_back(text); });
    return auditor.run();
  }
};

}  // namespace

TEST_CASE("fake runtime (helper process)" * doctest::skip()) {
  std::signal(SIGTERM, SIG_DFL);  // doctest would report it as a crash
  FakeRuntime runtime(variable("AWS_LAMBDA_RUNTIME_API"));
  const std::string strategy = variable("PHORK_STRATEGY");
  if (strategy == "broken") {
    runtime.init_error(R"({"errorType":"Runtime.PhpFatal","errorMessage":"syntax error"})");
    ::_exit(1);
  }
  const bool application = variable("_HANDLER") == "application";
  const bool messy = strategy == "messy";
  while (true) {
    const emulator::test::Reply next = runtime.next();
    if (next.status != 200) ::_exit(9);
    if (strategy == "hung" || (strategy == "stuck" && application)) ::pause();
    if (application) record(variable("PHORK_AUDIT_RECORD"), messy);
    if (next.body == "\"fail\"") {
      runtime.fail(next.request_id(), R"({"errorType":"E","errorMessage":"m"})", "Function.E");
    } else {
      runtime.respond(next.request_id(), application ? "{}" : probe_answer(next.body, messy));
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "probe and application are run under each strategy, in order") {
  const auto report = run(plan({kMessy, kTidy}));
  REQUIRE(report.ok());
  CHECK(report->directory == "/app");
  REQUIRE(report->strategies.size() == 2);
  const StrategyReport& messy = report->strategies[0];
  CHECK(messy.strategy.name == "messy");
  CHECK(messy.failure.empty());
  CHECK(tally(messy.probe)[Verdict::kLeak] == 1);
  REQUIRE(messy.application->changes.size() == 1);
  CHECK(messy.application->changes[0].key == "globals.events");
  CHECK(messy.application->changes[0].times == 5);
  const StrategyReport& tidy = report->strategies[1];
  CHECK(tally(tidy.probe)[Verdict::kClean] == 1);
  CHECK(tidy.application->examined());
  CHECK(tidy.application->changes.empty());
}

TEST_CASE_FIXTURE(Fixture, "each event is sent three times, and its failure is reported once") {
  const auto report = run(plan({kTidy}));
  REQUIRE(report.ok());
  const ApplicationReport& application = *report->strategies[0].application;
  CHECK(application.events == 6);
  CHECK(application.records == 6);
  CHECK(application.failures == std::vector<std::string>{"E: m"});
}

TEST_CASE_FIXTURE(Fixture, "without an application only the probe is audited") {
  Plan alone = plan({kTidy});
  alone.application.reset();
  const auto report = run(std::move(alone));
  REQUIRE(report.ok());
  CHECK_FALSE(report->strategies[0].application.has_value());
  CHECK(progress == std::vector<std::string>{"tidy: starting the probe", "tidy: 1/1 one"});
}

TEST_CASE_FIXTURE(Fixture, "a strategy that does not boot is reported, and the audit goes on") {
  const auto report = run(plan({kBroken, kTidy}));
  REQUIRE(report.ok());
  const StrategyReport& broken = report->strategies[0];
  CHECK(broken.failure.find("syntax error") != std::string::npos);
  CHECK(broken.probe.kinds.empty());
  CHECK_FALSE(broken.application->examined());
  CHECK_FALSE(broken.application->started);
  CHECK(broken.application->unknown.find("syntax error") != std::string::npos);
  CHECK(tally(report->strategies[1].probe)[Verdict::kClean] == 1);
}

TEST_CASE_FIXTURE(Fixture, "a strategy that never answers is given up after its timeout") {
  Plan hung = plan({kHung});
  hung.application.reset();
  hung.probe.timeout = 50ms;
  const auto report = run(std::move(hung));
  REQUIRE(report.ok());
  CHECK(report->strategies[0].failure.find("Sandbox.Timedout") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a kind that the probe does not know ends the audit") {
  Plan unknown = plan({kTidy});
  unknown.kinds = {"two"};
  const auto report = run(std::move(unknown));
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().kind == base::ErrorKind::kInvalid);
}

TEST_CASE_FIXTURE(Fixture, "an audit that is stopped before it begins returns") {
  Auditor auditor(plan({kTidy}), log, [](const std::string& /*text*/) {});
  auditor.request_stop();
  const auto report = auditor.run();
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().kind == base::ErrorKind::kStopped);
}

TEST_CASE_FIXTURE(Fixture, "an audit that is stopped during an event returns") {
  std::atomic<bool> sending = false;
  Auditor auditor(plan({kStuck}), log, [&](const std::string& text) {
    if (text.find("event 1/6") == std::string::npos) return;
    sending = true;
    sending.notify_all();
  });
  std::thread stopper([&] {
    sending.wait(false);
    auditor.request_stop();
  });
  const auto report = auditor.run();
  sending = true;  // lets the thread end when the check below fails
  sending.notify_all();
  stopper.join();
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().kind == base::ErrorKind::kStopped);
}
