// SPDX-License-Identifier: MIT
//
// The parts of strategy fpm that no other strategy has: php-fpm's processes, its log and its end.
#include "strategies/fpm.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::line_with;
using testing::Runtime;
using testing::RuntimeOptions;

constexpr const char* kHandler = "fpm_handler.php";

RuntimeOptions options_for(const std::string& handler) {
  RuntimeOptions options;
  options.handler = handler;
  options.strategy = "fpm";
  return options;
}

Json failure_of(Runtime& runtime, const std::string& payload) {
  const auto result = runtime.invoke(payload);
  REQUIRE_MESSAGE(result.ending == emulator::Ending::kFailed, result.body);
  return Json(result.body);
}

std::string get(const std::string& path, const std::string& query) {
  return R"({"version":"2.0","rawPath":")" + path + R"(","rawQueryString":")" + query +
         R"(","headers":{},"requestContext":{"http":{"method":"GET","path":"/",)"
         R"("protocol":"HTTP/1.1","sourceIp":"203.0.113.9"}},"isBase64Encoded":false})";
}

std::set<std::string> private_folders() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/tmp")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("phork-fpm-")) found.insert(name);
  }
  return found;
}

bool alive(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_SUITE("fpm") {
  TEST_CASE("one worker serves event after event, each from the beginning") {
    Runtime runtime(options_for("counter.php"));
    const Json first = answer_of(runtime, "{}");
    const Json second = answer_of(runtime, "{}");
    CHECK(first.integer("served") == 1);
    CHECK(second.integer("served") == 1);
    CHECK(first.integer("pid") == second.integer("pid"));
  }

  TEST_CASE("output of a handler goes to the log, also output of its shutdown functions") {
    Runtime runtime(options_for(kHandler));
    const auto result = runtime.invoke(R"({"do":"print"})");
    CHECK(result.body == R"("answered")");
    answer_of(runtime, "{}");
    CHECK(contains(runtime.output_when_idle(), "printed while serving"));
    CHECK(contains(runtime.output_when_idle(), "printed while ending"));
  }

  TEST_CASE("a handler that ends its answer early fails with Runtime.AnswerLost") {
    Runtime runtime(options_for(kHandler));
    for (const char* deed : {"end buffers", "finish"}) {
      CAPTURE(deed);
      const Json error = failure_of(runtime, std::string(R"({"do":")") + deed + "\"}");
      CHECK(error.text("errorType") == "Runtime.AnswerLost");
      CHECK(contains(error.text("errorMessage"), "fastcgi_finish_request"));
      answer_of(runtime, "{}");
    }
  }

  TEST_CASE(
      "lines are logged with their event's id, without php-fpm's decoration, before the next "
      "event") {
    Runtime runtime(options_for(kHandler));
    for (const std::string id : {"11111111-e9f4-11e8-9739-2dfe598c3fcd", "22222222-e9f4"}) {
      emulator::Event event;
      event.request_id = id;
      event.payload = R"({"do":"log","text":"text of )" + id + R"("})";
      REQUIRE(runtime.invoke(event).answered());
    }
    REQUIRE(testing::eventually([&] { return runtime.idle(); }));
    const std::string output = runtime.output_when_idle();
    for (const std::string id : {"11111111-e9f4-11e8-9739-2dfe598c3fcd", "22222222-e9f4"}) {
      CHECK(contains(line_with(output, "text of " + id), "\t" + id + "\t"));
    }
    CHECK(contains(output, "on stderr without an end"));
    for (const char* word : {"pool phork", "PHP message", "handle connections", "phork-mark"}) {
      CHECK_FALSE(contains(output, word));
    }
  }

  TEST_CASE("the application sees no trace of phork") {
    Runtime runtime(options_for(kHandler));
    const Json seen = answer_of(runtime, R"({"do":"surroundings"})");
    CHECK(seen.raw("names") == "[]");
    CHECK(seen.raw("sockets") == "false");
    CHECK(seen.text("script").ends_with("/handlers/fpm_handler.php"));
    CHECK(seen.text("displayErrors").empty());  // as Debian's php.ini says
    CHECK(seen.text("sapi") == "fpm-fcgi");
    CHECK_FALSE(contains(seen.raw("globals"), "phork"));
    CHECK_FALSE(contains(seen.raw("globals"), "front"));
  }

  TEST_CASE("a worker that is killed between two events costs no event") {
    Runtime runtime(options_for(kHandler));
    const auto first = static_cast<pid_t>(answer_of(runtime, "{}").integer("pid"));
    REQUIRE(testing::eventually([&] { return runtime.idle(); }));
    REQUIRE(::kill(first, SIGKILL) == 0);
    REQUIRE(testing::eventually([&] { return !alive(first); }));
    CHECK(answer_of(runtime, "{}").integer("pid") != first);
  }

  TEST_CASE("a master that dies is replaced, on the same socket") {
    Runtime runtime(options_for(kHandler));
    const Json seen = answer_of(runtime, "{}");
    const auto worker = static_cast<pid_t>(seen.integer("pid"));
    const auto master = static_cast<pid_t>(seen.integer("parent"));
    REQUIRE(testing::eventually([&] { return runtime.idle(); }));
    for (const int signal : {SIGKILL, SIGTERM}) {
      const auto current = static_cast<pid_t>(answer_of(runtime, "{}").integer("parent"));
      REQUIRE(testing::eventually([&] { return runtime.idle(); }));
      REQUIRE(::kill(current, signal) == 0);
      // On SIGTERM the master ends its worker first; after SIGKILL the worker is left to us.
      REQUIRE(testing::eventually([&] {
        const testing::Descendants below = testing::descendants(runtime.pid());
        return below.zombies == 1 && below.live == (signal == SIGKILL ? 1 : 0);
      }));
      const Json next = answer_of(runtime, "{}");
      CHECK(next.integer("parent") != current);
      runtime.settled();
    }
    CHECK_FALSE(alive(worker));
    CHECK_FALSE(alive(master));
    CHECK(contains(runtime.output_when_idle(), "php-fpm's master ended: signal 9"));
  }

  TEST_CASE("a master that dies during an event does not cost that event") {
    Runtime runtime(options_for(kHandler));
    const auto master = static_cast<pid_t>(answer_of(runtime, "{}").integer("parent"));
    std::thread killer([&] {
      testing::eventually([&] { return !runtime.idle(); });
      ::kill(master, SIGKILL);
    });
    answer_of(runtime, R"({"do":"wait","ms":200})");
    killer.join();
    CHECK(answer_of(runtime, "{}").integer("parent") != master);
  }

  TEST_CASE("the next event is asked for only when code after the answer has ended") {
    Runtime runtime(options_for("fpm_kernel.php"));
    const auto start = std::chrono::steady_clock::now();
    const Json first = answer_of(runtime, get("/", "ms=2000"));
    CHECK_FALSE(runtime.idle());
    REQUIRE(testing::eventually([&] { return runtime.idle(); }));
    CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(2000));
    CHECK(contains(runtime.output_when_idle(), "went on after the answer"));
    CHECK(answer_of(runtime, get("/", "")).text("body") == first.text("body"));
  }

  TEST_CASE("code after the answer is ended at the event's deadline") {
    RuntimeOptions options = options_for("fpm_kernel.php");
    options.timeout = std::chrono::milliseconds(1000);
    Runtime runtime(options);
    const Json first = answer_of(runtime, get("/", "ms=60000"));
    REQUIRE(testing::eventually([&] { return runtime.idle(); }));
    CHECK(contains(runtime.output_when_idle(), "killed its worker at the deadline"));
    CHECK(answer_of(runtime, get("/", "")).text("body") != first.text("body"));
  }

  TEST_CASE("a request that hits the memory limit is an empty 500 and a line in the log") {
    Runtime runtime(options_for("fpm_kernel.php"));
    const Json answer = answer_of(runtime, get("/memory", ""));
    CHECK(answer.integer("statusCode") == 500);
    CHECK(answer.text("body").empty());
    CHECK(answer_of(runtime, get("/", "")).integer("statusCode") == 200);
    CHECK(contains(runtime.output_when_idle(), "Allowed memory size of"));
  }

  TEST_CASE("a request that is not answered in time is a 504") {
    RuntimeOptions options = options_for("kernel.php");
    options.timeout = std::chrono::milliseconds(1000);
    Runtime runtime(options);
    CHECK(answer_of(runtime, get("/sleep", "ms=60000")).integer("statusCode") == 504);
    CHECK(answer_of(runtime, get("/", "")).integer("statusCode") == 200);
  }

  TEST_CASE("a thousand events leave no process and no descriptor behind") {
    Runtime runtime(options_for(kHandler));
    for (int event = 0; event < 20; ++event) answer_of(runtime, "{}");
    runtime.settled();
    const int descriptors = testing::open_descriptors(runtime.pid());
    for (int event = 0; event < 1'000; ++event) answer_of(runtime, "{}");
    runtime.settled();
    CHECK(testing::open_descriptors(runtime.pid()) == descriptors);
  }

  TEST_CASE("crashes leave no process and no descriptor behind") {
    Runtime runtime(options_for("fatal.php"));
    const std::string crash = R"({"kind":"signal","signal":11})";
    CHECK(contains(failure_of(runtime, crash).text("errorMessage"), "signal 11"));
    runtime.settled();
    const int descriptors = testing::open_descriptors(runtime.pid());
    for (const int signal : {9, 11, 6, 15, 9}) {
      const std::string kill = R"({"kind":"signal","signal":)" + std::to_string(signal) + "}";
      const Json error = failure_of(runtime, kill);
      CHECK(error.text("errorType") == "Runtime.WorkerKilled");
      CHECK(contains(error.text("errorMessage"), "signal " + std::to_string(signal)));
    }
    runtime.settled();
    CHECK(testing::open_descriptors(runtime.pid()) == descriptors);
  }

  TEST_CASE("SIGTERM leaves no process behind, and there never was a folder") {
    const std::set<std::string> before = private_folders();
    Runtime runtime(options_for(kHandler));
    answer_of(runtime, "{}");
    CHECK(private_folders() == before);
    const std::vector<pid_t> processes = testing::descendant_pids(runtime.pid());
    CHECK(processes.size() == 2);
    runtime.process().signal(SIGTERM);
    CHECK(runtime.process().wait_exit().clean());
    for (const pid_t pid : processes) CHECK_FALSE(alive(pid));
    CHECK(private_folders() == before);
  }

  TEST_CASE("a php-fpm that is missing or does not start is a boot failure with the reason") {
    for (const auto& [program, text] :
         {std::pair<std::string, std::string>{"/nonexistent/php-fpm", "/nonexistent/php-fpm"},
          std::pair<std::string, std::string>{"/bin/false", "php-fpm ended: exit code 1"}}) {
      RuntimeOptions options = options_for(kHandler);
      options.environment["PHORK_FPM"] = program;
      Runtime runtime(options);
      CHECK(runtime.process().wait_exit().describe() == "exit code 1");
      const Json error(runtime.init_error());
      CHECK(error.text("errorType") == "Runtime.BootFailed");
      CHECK_MESSAGE(contains(error.text("errorMessage"), text), error.text("errorMessage"));
    }
  }

  TEST_CASE("four slots serve four events at the same time, each with its own worker") {
    strategies::Settings settings;
    settings.worker_path = testing::program("php-worker");
    settings.routing = http::routing_of(
        testing::source_path("tests/fixtures/handlers/fpm_handler.php"), base::Route::kEntry);
    settings.entry_kind = base::EntryKind::kHandler;
    settings.slots = 4;
    const auto strategy = strategies::make_fpm(settings);
    const auto failure = strategy->boot();
    REQUIRE_MESSAGE(!failure.has_value(), failure->message);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::string> answers(settings.slots);
    std::vector<std::thread> threads;
    for (unsigned index = 0; index < settings.slots; ++index) {
      threads.emplace_back([&, index] {
        auto slot = strategy->open_slot(index);
        REQUIRE(slot.ok());
        event::Invocation invocation;
        invocation.event = R"({"do":"wait","ms":1000})";
        invocation.deadline = std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now() + std::chrono::seconds(20));
        auto served = slot.value()->serve(invocation);
        REQUIRE(std::holds_alternative<event::Answer>(served.outcome));
        answers[index] = std::get<event::Answer>(served.outcome).body;
        CHECK(slot.value()->renew().ok());
      });
    }
    for (std::thread& thread : threads) thread.join();
    // One after another they would take four seconds.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(4000));
    CHECK(std::set<std::string>(answers.begin(), answers.end()).size() == 4);
    strategy->shut_down();
  }
}
