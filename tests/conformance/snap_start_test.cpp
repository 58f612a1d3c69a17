// SPDX-License-Identifier: MIT
//
// SnapStart under every strategy, with real processes on an API that notes each call: the order of
// calls and hooks, hooks that fail or hang, an API without snapshots or one that refuses, a lost
// connection, and a signal while the runtime waits. snapshot_clone_test.cpp shows copies.
#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "tests/support/concurrent_api.h"
#include "tests/support/json.h"
#include "tests/support/processes.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::all_strategies;
using testing::ConcurrentApi;
using testing::contains;
using testing::eventually;
using testing::Json;

// bootstrap where Lambda makes a snapshot.
class SnapStart : private base::Pinned {
 public:
  explicit SnapStart(const std::string& strategy, const std::string& hooks = "",
                     std::map<std::string, std::string> variables = {}) {
    variables.insert({{"AWS_LAMBDA_RUNTIME_API", api.address()},
                      {"AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start"},
                      {"_HANDLER", "snapshot.php"},
                      {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")},
                      {"SNAPSHOT_HOOKS", hooks}});
    bootstrap = std::make_unique<testing::Program>(
        testing::program("bootstrap"), std::vector<std::string>{"--strategy=" + strategy},
        variables);
  }

  ~SnapStart() { bootstrap.reset(); }

  void await_call(const std::string& call) {
    const bool came = eventually([&] {
      const auto calls = api.calls();
      return std::ranges::find(calls, call) != calls.end();
    });
    REQUIRE_MESSAGE(came, call << "\n" << bootstrap->output());
  }

  // Of an event.
  Json answer() {
    const std::string id = "event-" + std::to_string(++events_);
    api.give(id, "{}");
    REQUIRE_MESSAGE(api.wait_outcomes(events_), bootstrap->output());
    const auto posted = api.outcomes().at(id).front();
    REQUIRE_MESSAGE(posted.answered, posted.body << "\n" << bootstrap->output());
    return Json(posted.body);
  }

  // The one error of the start, when bootstrap has ended.
  ConcurrentApi::StartError error() {
    const auto errors = api.start_errors();
    REQUIRE_MESSAGE(errors.size() == 1, bootstrap->output());
    return errors.front();
  }

  ConcurrentApi api;  // outlives the process
  std::unique_ptr<testing::Program> bootstrap;

 private:
  std::size_t events_ = 0;
};

// Strategies with processes that boot before the snapshot, and so run hooks there.
std::vector<std::string> booted_before() {
  std::vector<std::string> names = all_strategies();
  std::erase_if(names, [](const auto& name) { return name == "exec" || name == "fpm"; });
  return names;
}

int exit_code(SnapStart& lambda) {
  const auto status = lambda.bootstrap->wait_exit();
  CHECK(status.kind == process::ExitStatus::Kind::kExited);
  return status.code;
}

}  // namespace

TEST_SUITE("SnapStart") {
  TEST_CASE("asks for the restore once, before any event, and serves by another connection") {
    for (const std::string& strategy : all_strategies()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy);
      lambda.await_call("restore");
      CHECK(lambda.api.calls() == std::vector<std::string>{"restore"});
      const auto before = testing::descendant_pids(lambda.bootstrap->pid());
      lambda.api.restore();
      const Json answer = lambda.answer();
      const auto calls = lambda.api.calls();
      CHECK(calls[1] == "restored");
      CHECK(std::ranges::count(calls, "restore") == 1);
      CHECK_FALSE(lambda.api.has_old_connection());
      CHECK(answer.integer("age") == 0);
      // Code of the application runs under fpm in each request, and hooks belong to the boot.
      CHECK(answer.raw("ran") == (strategy == "fpm" ? "[]" : R"(["onSnapshot","onRestore"])"));
      if (strategy != "fpm") continue;
      // Its workers have run code before the snapshot; others take their places.
      const auto after = testing::descendant_pids(lambda.bootstrap->pid());
      CHECK(before.front() == after.front());
      CHECK(before.back() != after.back());
    }
  }

  TEST_CASE("a hook of onSnapshot that fails is an init error, and no snapshot is asked for") {
    for (const std::string& strategy : booted_before()) {
      for (const std::string does : {"throws", "exits"}) {
        CAPTURE(strategy);
        CAPTURE(does);
        SnapStart lambda(strategy, "onSnapshot " + does);
        CHECK(exit_code(lambda) == 64);
        const auto error = lambda.error();
        CHECK(error.call == "init/error");
        CHECK(error.type == "Runtime.BeforeSnapshotError");
        CHECK(Json(error.body).text("errorType") == error.type);
        const std::string text = Json(error.body).text("errorMessage");
        const std::string expected = does == "exits"
                                         ? "a hook of Phork\\onSnapshot failed: it called exit(3)"
                                         : "failed: no database";
        CHECK_MESSAGE(contains(text, expected), text);
        CHECK(lambda.api.calls().empty());
      }
    }
  }

  TEST_CASE("a hook of onRestore that fails is a restore error, and no event is asked for") {
    for (const std::string& strategy : booted_before()) {
      for (const std::string does : {"throws", "exits"}) {
        CAPTURE(strategy);
        CAPTURE(does);
        SnapStart lambda(strategy, "onRestore " + does);
        lambda.api.restore();
        CHECK(exit_code(lambda) == 65);
        const auto error = lambda.error();
        CHECK(error.call == "restore/error");
        CHECK(error.type == "Runtime.AfterRestoreError");
        CHECK(Json(error.body).text("errorType") == error.type);
        CHECK(Json(error.body).has("stackTrace"));
        CHECK(contains(Json(error.body).text("errorMessage"), "a hook of Phork\\onRestore"));
        CHECK(lambda.api.calls() == std::vector<std::string>{"restore", "restored"});
      }
    }
  }

  TEST_CASE("under exec a process boots inside each event, and so do its hooks") {
    SnapStart lambda("exec", "onRestore throws");
    lambda.api.restore();
    lambda.api.give("event", "{}");
    REQUIRE_MESSAGE(lambda.api.wait_outcomes(1), lambda.bootstrap->output());
    const auto posted = lambda.api.outcomes().at("event").front();
    CHECK_FALSE(posted.answered);
    CHECK(Json(posted.body).text("errorType") == "Runtime.AfterRestoreError");
  }

  TEST_CASE("hooks of onRestore that hang are ended while Lambda still takes their error") {
    std::vector<std::unique_ptr<SnapStart>> all;  // at the same time, as each takes seconds
    for (const std::string& strategy : booted_before()) {
      all.push_back(std::make_unique<SnapStart>(strategy, "onRestore hangs"));
      all.back()->api.restore();
    }
    for (const auto& lambda : all) {
      CHECK(exit_code(*lambda) == 65);
      const auto error = lambda->error();
      CHECK(error.call == "restore/error");
      CHECK(Json(error.body).text("errorMessage") ==
            "hooks of Phork\\onRestore did not end within 8 s");
    }
  }

  TEST_CASE("where the API knows no restore, it goes on with one line in the log") {
    for (const std::string& strategy : all_strategies()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy);
      lambda.api.set_restore_status(404);
      lambda.answer();
      CHECK(testing::count(lambda.bootstrap->output(), "makes no snapshots (404)") == 1);
    }
  }

  TEST_CASE("an API that refuses the restore, or its error, ends the environment") {
    for (const std::string& strategy : all_strategies()) {
      CAPTURE(strategy);
      SnapStart refused(strategy);
      refused.api.set_restore_status(403);
      CHECK(exit_code(refused) == 111);
      CHECK(contains(refused.bootstrap->output(), "expected status 200 or 404, got 403"));
    }
    for (const std::string& strategy : booted_before()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy, "onRestore throws");
      lambda.api.set_start_error_status(403);
      lambda.api.restore();
      CHECK(exit_code(lambda) == 65);
      CHECK(contains(lambda.bootstrap->output(), "restore error not taken: status=403"));
    }
  }

  TEST_CASE("SIGTERM while it waits for the restore ends it in order, with all its processes") {
    for (const std::string& strategy : all_strategies()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy);
      lambda.await_call("restore");
      const auto processes = testing::descendant_pids(lambda.bootstrap->pid());
      lambda.bootstrap->signal(SIGTERM);
      CHECK(exit_code(lambda) == 0);
      CHECK(lambda.api.start_errors().empty());
      for (const pid_t pid : processes) {
        CHECK(eventually([pid] { return ::kill(pid, 0) == -1; }));
      }
    }
  }

  TEST_CASE("a process that boots after the restore goes through both hooks, without a pause") {
    for (const std::string strategy : {"fork", "prespawn"}) {
      CAPTURE(strategy);
      SnapStart lambda(strategy, "", {{"PHORK_MAX_EVENTS", "1"}});
      lambda.api.restore();
      const std::string first = lambda.answer().text("booted");
      const bool replaced = eventually([&] {
        const Json answer = lambda.answer();
        CHECK(answer.raw("ran") == R"(["onSnapshot","onRestore"])");
        return answer.text("booted") != first;
      });
      CHECK(replaced);
      CHECK(std::ranges::count(lambda.api.calls(), "restore") == 1);
    }
  }

  TEST_CASE("connections that boot has made are hung up, or fail it, as PHORK_FD_POLICY says") {
    for (const std::string& strategy : booted_before()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy, "boot connects");
      lambda.api.restore();
      CHECK(lambda.answer().boolean("cutOff"));
      CHECK(contains(lambda.bootstrap->output(), "a TCP connection to 127.0.0.1:"));
      SnapStart refuses(strategy, "boot connects", {{"PHORK_FD_POLICY", "refuse"}});
      CHECK(exit_code(refuses) == 1);
      CHECK(refuses.error().type == "Runtime.SealFailed");
      CHECK(refuses.api.calls().empty());
    }
  }

  TEST_CASE("events of a zygote do not share a connection that a hook of onRestore has made") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      SnapStart lambda(strategy, "onRestore connects");
      lambda.api.restore();
      CHECK(lambda.answer().boolean("cutOff"));
      CHECK(testing::count(lambda.bootstrap->output(), "seal: descriptor") == 1);
      SnapStart refuses(strategy, "onRestore connects", {{"PHORK_FD_POLICY", "refuse"}});
      refuses.api.restore();
      CHECK(exit_code(refuses) == 65);
      CHECK(refuses.error().type == "Runtime.AfterRestoreError");
    }
    SnapStart keeps("inprocess", "onRestore connects");
    keeps.api.restore();
    CHECK_FALSE(keeps.answer().boolean("cutOff"));
  }

  TEST_CASE("all slots are in one snapshot") {
    for (const std::string strategy : {"fork", "inprocess", "exec", "fpm"}) {
      CAPTURE(strategy);
      SnapStart lambda(strategy, "", {{"AWS_LAMBDA_MAX_CONCURRENCY", "3"}});
      lambda.await_call("restore");
      CHECK(lambda.api.most_parked() == 0);
      lambda.api.restore();
      CHECK(eventually([&] { return lambda.api.parked() == 3; }));
      CHECK(std::ranges::count(lambda.api.calls(), "restore") == 1);
    }
  }

  TEST_CASE("the extension for an orderly end asks again after the restore") {
    SnapStart lambda("inprocess", "", {{"PHORK_GRACEFUL_SHUTDOWN", "on"}});
    lambda.await_call("restore");
    lambda.api.restore();
    lambda.answer();
    CHECK(
        eventually([&] { return std::ranges::count(lambda.api.calls(), "extension id-1") == 2; }));
    CHECK(std::ranges::count(lambda.api.calls(), "register") == 1);
  }

  TEST_CASE("without SnapStart neither kind of hook runs, and nobody asks for a restore") {
    SnapStart lambda("fork", "onSnapshot throws",
                     {{"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"}});
    CHECK(lambda.answer().raw("ran") == "[]");
    CHECK(std::ranges::count(lambda.api.calls(), "restore") == 0);
  }
}
