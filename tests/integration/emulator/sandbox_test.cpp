// SPDX-License-Identifier: MIT
//
// A function in a sandbox: it gets as much CPU and memory as Lambda gives it, and is frozen between
// events. Real bootstrap, real PHP. Suites whose control groups the machine lacks are skipped.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "emulator/environments/local_lambda.h"
#include "runtime/process/spawn.h"
#include "tests/support/json.h"
#include "tests/support/kept_log.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sandbox_machine.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
using emulator::EnvironmentState;
using emulator::EventResult;
using testing::eventually;
using testing::Json;

emulator::FunctionConfig function(const std::string& strategy) {
  emulator::FunctionConfig config;
  config.program = testing::program("bootstrap");
  config.task_root = testing::source_path("tests/fixtures/sandbox");
  config.handler = "index.php";
  config.environment = process::current_environment();
  process::set_variable(config.environment, "PHORK_STRATEGY", strategy);
  process::set_variable(config.environment, "PHORK_WORKER", testing::program("php-worker"));
  return config;
}

emulator::FunctionConfig limited(const std::string& strategy, unsigned memory_mb) {
  emulator::FunctionConfig config = function(strategy);
  config.memory_mb = memory_mb;
  config.enforce_memory = true;
  // With a fourteenth of a CPU an init is slow.
  config.init_timeout = 60s;
  config.timeout = 60s;
  return config;
}

emulator::FunctionConfig frozen(const std::string& strategy) {
  emulator::FunctionConfig config = function(strategy);
  config.freeze = true;
  return config;
}

// A runtime with a program beside it that uses CPU whenever it can.
emulator::FunctionConfig spinner(bool freeze) {
  emulator::FunctionConfig config;
  config.program = "/usr/bin/php";
  config.arguments = {testing::source_path("tests/fixtures/runtimes/spinner.php")};
  config.task_root = "/";
  config.handler = "none";
  config.environment = process::current_environment();
  config.freeze = freeze;
  return config;
}

// A running function and its log.
class Function {
 public:
  explicit Function(const emulator::FunctionConfig& config) : lambda_(config, log_.sink(), "test") {
    const base::Status started = lambda_.start();
    if (!started) FAIL(started.error().text << "\n" << log());
  }

  EventResult invoke(const std::string& payload) {
    emulator::Event event;
    event.request_id = emulator::make_uuid();
    event.payload = payload;
    return lambda_.invoke(std::move(event));
  }

  std::string answer(const std::string& payload) {
    const EventResult result = invoke(payload);
    REQUIRE_MESSAGE(result.answered(), result.body << "\n" << log());
    return result.body;
  }

  bool is(EnvironmentState state) const {
    const auto environments = lambda_.activity().snapshot(0, 0).environments;
    return environments.size() == 1 && environments[0].state == state;
  }

  void stop() { lambda_.stop(); }

  // Everything that was logged so far.
  std::string log() { return log_.text(); }

  // Waits until a line of the log has `text`.
  bool says(const std::string& text) {
    return eventually([&] { return log().find(text) != std::string::npos; });
  }

 private:
  testing::KeptLog log_;
  emulator::LocalLambda lambda_;
};

// The CPU time of a process in clock ticks, the unit of /proc/PID/stat.
std::uint64_t cpu_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string field;
  std::uint64_t ticks = 0;
  constexpr int kUser = 14;
  constexpr int kSystem = 15;
  for (int number = 1; number <= kSystem && file >> field; ++number) {
    if (number == kUser || number == kSystem) ticks += std::stoull(field);
  }
  REQUIRE(!file.fail());
  return ticks;
}

// Returns when this thread has used `cpu`: in that time the function could have run, too.
void work(std::chrono::nanoseconds cpu) {
  const auto now = [] {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  };
  const auto until = now() + cpu;
  while (now() < until) {
  }
}

}  // namespace

TEST_SUITE("sandbox: CPU (needs groups with the CPU and memory controllers)" *
           doctest::skip(!testing::machine_allows({.cpu = true, .memory = true}))) {
  TEST_CASE("the same work takes 14 times as long with 128 MB as with 1,769 MB") {
    Function small(limited("fork", 128));
    Function whole(limited("fork", 1769));
    std::int64_t small_us = std::numeric_limits<std::int64_t>::max();
    std::int64_t whole_us = small_us;
    // Takes the best of several alternating rounds, because other work on the machine makes a round
    // slower, never faster. With a whole CPU that matters more, so only undisturbed time counts.
    for (int round = 0; round < 3; ++round) {
      const std::string event = R"({"cpu_ms":100})";
      whole_us = std::min(whole_us, Json(whole.answer(event)).integer("alone_us"));
      small_us = std::min(small_us, Json(small.answer(event)).integer("wall_us"));
      whole_us = std::min(whole_us, Json(whole.answer(event)).integer("alone_us"));
    }
    const double ratio = static_cast<double>(small_us) / static_cast<double>(whole_us);
    CAPTURE(small_us);
    CAPTURE(whole_us);
    CHECK(ratio > 9);
    CHECK(ratio < 20);
  }
}

TEST_SUITE("sandbox: memory (needs groups with the CPU and memory controllers)" *
           doctest::skip(!testing::machine_allows({.cpu = true, .memory = true}))) {
  TEST_CASE("a worker that takes too much memory costs its event, and the next one is served") {
    for (const std::string strategy : {"fork", "inprocess"}) {
      CAPTURE(strategy);
      Function function(limited(strategy, 256));
      const EventResult result = function.invoke(R"({"memory_mb":512})");
      CHECK_FALSE(result.answered());
      CHECK_MESSAGE(result.error_type == "Runtime.WorkerKilled", result.body);
      CHECK(function.says("\tMemory Size: 256 MB\tMax Memory Used: 256 MB"));
      CHECK(Json(function.answer(R"({"memory_mb":1})")).integer("kept_mb") == 1);
    }
  }

  TEST_CASE("the log states the peak of an event's memory, not what the event kept") {
    Function function(limited("fork", 1024));
    CHECK(Json(function.answer(R"({"memory_mb":200})")).integer("kept_mb") == 200);
    REQUIRE(function.says("Max Memory Used: "));
    const std::string log = function.log();
    const std::size_t at = log.find("Max Memory Used: ") + std::string("Max Memory Used: ").size();
    const int used = std::stoi(log.substr(at));
    CHECK(used > 200);
    // Huge pages, the zygote and the page cache of files count, too.
    CHECK(used < 900);
  }
}

TEST_SUITE("sandbox: freezing (needs groups that freeze)" *
           doctest::skip(!testing::machine_allows({.freezing = true}))) {
  TEST_CASE("every strategy serves events that come to a frozen environment") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Function function(frozen(strategy));
      INFO(function.log());
      for (int event = 0; event < 10; ++event) {
        CAPTURE(event);
        REQUIRE(eventually([&] { return function.is(EnvironmentState::kFrozen); }));
        CHECK(Json(function.answer("{}")).integer("kept_mb") == 0);
      }
    }
  }

  TEST_CASE("events in quick succession are served, frozen in between or not") {
    Function function(frozen("fork"));
    for (int event = 0; event < 200; ++event) function.answer("{}");
    CHECK(eventually([&] { return function.is(EnvironmentState::kFrozen); }));
  }

  TEST_CASE("between two events no process of a frozen environment runs") {
    Function function(spinner(true));
    INFO(function.log());
    const auto pid = static_cast<pid_t>(std::stol(function.answer("{}")));
    REQUIRE(eventually([&] { return function.is(EnvironmentState::kFrozen); }));
    // The kernel stops the last of its threads a moment after it reports the state.
    std::uint64_t before = cpu_ticks(pid);
    CHECK(eventually([&] {
      work(30ms);
      return before == std::exchange(before, cpu_ticks(pid));
    }));
    work(100ms);
    CHECK(cpu_ticks(pid) == before);
    CHECK(eventually([&] {
      function.answer("{}");
      return cpu_ticks(pid) > before;
    }));
  }

  TEST_CASE("without freezing its processes do run") {
    Function function(spinner(false));
    INFO(function.log());
    const auto pid = static_cast<pid_t>(std::stol(function.answer("{}")));
    const std::uint64_t before = cpu_ticks(pid);
    CHECK(eventually([&] { return cpu_ticks(pid) > before + 5; }));
  }

  TEST_CASE("a frozen environment gets SIGTERM when it is told to end") {
    Function function(spinner(true));
    function.answer("{}");
    REQUIRE(eventually([&] { return function.is(EnvironmentState::kFrozen); }));
    function.stop();
    CHECK(function.says("spinner: told to end"));
  }
}
