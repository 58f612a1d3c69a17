// SPDX-License-Identifier: MIT
//
// Worker scripts that were written for FrankenPHP, unchanged, under every strategy: one of our own
// that tells what it sees, Laravel Octane's, and Symfony's runtime.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "tests/support/answers.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::contains;
using testing::count;
using testing::isolates;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

RuntimeOptions worker(const std::string& strategy) {
  RuntimeOptions options;
  options.task_root = testing::source_path("tests/fixtures/frankenphp");
  options.handler = "worker.php";
  options.strategy = strategy;
  return options;
}

HttpReply ask(Runtime& runtime, const testing::HttpCall& call) {
  const auto result = runtime.invoke(testing::http_event(call));
  REQUIRE_MESSAGE(result.answered(), call.target << ": " << result.body << runtime.output());
  return testing::http_reply(result);
}

HttpReply ask(Runtime& runtime, const std::string& target) {
  return ask(runtime, testing::HttpCall{"GET", target, {}, {}});
}

Json seen_by(Runtime& runtime, const std::string& target) {
  const HttpReply reply = ask(runtime, target);
  REQUIRE_MESSAGE(reply.status == 200, reply.body << runtime.output());
  return Json(reply.body);
}

// Each event's process ends with it, and the script with the process.
bool ends_with_event(const std::string& strategy) {
  return strategy != "inprocess" && strategy != "rollback";
}

std::string text_of(const std::string& path) {
  std::ifstream file(testing::source_path(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A deployment of one file.
RuntimeOptions options_of(const ScratchFolder& scratch, const std::string& strategy,
                          const std::string& text) {
  scratch.write("worker.php", text);
  RuntimeOptions options = worker(strategy);
  options.task_root = scratch.path();
  return options;
}

// Octane's worker script among stand-ins for the rest of Octane.
RuntimeOptions octane(const ScratchFolder& scratch, const std::string& strategy) {
  const std::string from = "tests/fixtures/frankenphp/octane/";
  const std::string bin = "vendor/laravel/octane/bin/";
  scratch.write(bin + "frankenphp-worker.php", text_of(from + "frankenphp-worker.php.txt"));
  scratch.write(bin + "bootstrap.php", text_of(from + "bootstrap.php"));
  scratch.write("public/frankenphp-worker.php",
                "<?php\nrequire __DIR__.'/../vendor/laravel/octane/bin/frankenphp-worker.php';\n");
  RuntimeOptions options = worker(strategy);
  options.task_root = scratch.path();
  options.handler = "public/frankenphp-worker.php";
  options.environment["MAX_REQUESTS"] = "500";
  return options;
}

}  // namespace

TEST_SUITE("frankenphp") {
  TEST_CASE("the script boots once at global scope, and each request has fresh superglobals") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      ask(runtime,
          {.method = "POST",
           .target = "/first?only=1",
           .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", "sid=1"}},
           .body = "a=1"});
      const Json seen = seen_by(runtime, "/second?b=2");
      CHECK(seen.integer("boots") == 1);
      CHECK(seen.raw("get") == R"({"b":"2"})");
      CHECK(seen.raw("post") == "[]");
      CHECK(seen.raw("cookie") == "[]");
      CHECK(seen.text("input").empty());
      CHECK(seen.text("method") == "GET");
      CHECK(seen.text("uri") == "/second?b=2");
      CHECK(seen.text("script") == "/worker.php");
      CHECK(seen.text("worker") == "1");
      CHECK(seen.text("inRequest") == "1");
      CHECK_FALSE(seen.boolean("fiber"));
      // The script has set it before its loop.
      CHECK(seen.integer("errors") == 22527);
    }
  }

  TEST_CASE("a static counter begins again for each request where events are isolated") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      for (int request = 1; request <= 3; ++request) {
        const HttpReply reply = ask(runtime, "/");
        CHECK(reply.header("x-served") == (isolates(strategy) ? "1" : std::to_string(request)));
      }
    }
  }

  TEST_CASE("the code behind the call runs, prints nothing, and the next call says if it goes on") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      CHECK_FALSE(contains(ask(runtime, "/?do=none").body, "never seen"));
      ask(runtime, "/?do=none");
      const std::string log = runtime.output_when_idle();
      CHECK(count(log, "worker: behind") == 2);
      CHECK(contains(log, "worker: behind 1 none"));
      CHECK(contains(log, "worker: behind 2 none") == !isolates(strategy));
      CHECK(count(log, "worker: no more after 1") == (ends_with_event(strategy) ? 2 : 0));
      CHECK(count(log, "worker: end after 1") == (ends_with_event(strategy) ? 2 : 0));
    }
  }

  TEST_CASE("the session is written before the answer leaves") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      scratch.write("sessions.ini", "session.save_path = " + scratch.path() + "\n");
      RuntimeOptions options = worker(strategy);
      options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(scratch.path());
      Runtime runtime(options);
      ask(runtime, "/?do=session&id=abcdef0123456789abcdef0123");
      const std::string log = runtime.output_when_idle();
      CHECK_MESSAGE(contains(log, R"(worker: session: seen|s:14:"by the request";)"), log);
    }
  }

  TEST_CASE("a process that is told to end gives the script false, so that it ends by itself") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "exec" || strategy == "fpm") continue;  // no process of theirs waits
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      ask(runtime, "/");
      runtime.output_when_idle();
      runtime.process().signal(SIGTERM);
      runtime.process().wait_exit();
      const std::string after = strategy == "inprocess" ? "1" : "0";
      CHECK_MESSAGE(contains(runtime.output(), "worker: no more after " + after), runtime.output());
    }
  }

  TEST_CASE("exit() and exceptions answer the request and end the script; the next one is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      CHECK(ask(runtime, "/").header("x-served") == "1");
      const HttpReply left = ask(runtime, "/?do=exit");
      CHECK(left.status == 200);
      CHECK(left.body == "before exit");
      CHECK(ask(runtime, "/").header("x-served") == "1");
      const HttpReply thrown = ask(runtime, "/?do=throw");
      CHECK(thrown.status == 500);
      CHECK(thrown.body.empty());
      CHECK(ask(runtime, "/").header("x-served") == "1");
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "Uncaught DomainException: thrown on purpose"));
      CHECK_FALSE(contains(log, "worker: behind 1 exit"));
      CHECK_FALSE(contains(log, "worker: behind 2 exit"));
      CHECK_FALSE(contains(log, "worker: behind 1 throw"));
    }
  }

  TEST_CASE("a script that counts its requests ends, and another boot goes on") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = worker(strategy);
      options.environment["MAX_REQUESTS"] = "2";
      Runtime runtime(options);
      for (const char* served : {"1", "2", "1"}) {
        CHECK(ask(runtime, "/").header("x-served") == (isolates(strategy) ? "1" : served));
      }
      CHECK(contains(runtime.output_when_idle(), "worker: end after 2") == !isolates(strategy));
    }
  }

  TEST_CASE("functions of FrankenPHP answer, or say in one line what to do") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(worker(strategy));
      const HttpReply headers =
          ask(runtime, testing::HttpCall{"GET", "/?do=headers", {{"X-Color", "blue"}}, {}});
      CHECK(headers.body == R"({"apache":"yes","request":"blue","all":"blue","franken":"blue"})");
      CHECK(ask(runtime, "/?do=finish").body == "early");
      const HttpReply status = ask(runtime, "/?do=status");
      CHECK(status.status == 418);
      CHECK(status.header("x-twice") == "one, two");
      CHECK(status.header("set-cookie") == "a=1");
      const HttpReply hints = ask(runtime, "/?do=hints");
      CHECK(hints.status == 200);
      CHECK(hints.body == "11");
      CHECK(hints.header("link") == "</a.css>; rel=preload");
      ask(runtime, "/?do=log");
      CHECK(ask(runtime, "/?do=mercure").status == 500);
      CHECK(ask(runtime, "/?do=nested").status == 500);
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "worker: after finish"));
      CHECK(count(log, "headers_send(103): expected a connection to the client") == 1);
      CHECK(contains(log, R"(WARN worker: told {"order":7})"));
      CHECK(contains(log, "mercure_publish(): expected the Mercure hub of FrankenPHP"));
      CHECK(contains(log, "expected a call by the worker script itself"));
    }
  }

  TEST_CASE("rehearsals go through the callable, and the loop waits behind the last one") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "exec" || strategy == "fpm") continue;  // they rehearse nothing
      CAPTURE(strategy);
      RuntimeOptions options = worker(strategy);
      options.environment["PHORK_WARMUP"] = "GET /?do=exit;GET /?do=throw;GET /?do=warm";
      options.environment["MAX_REQUESTS"] = "2";
      Runtime runtime(options);
      CHECK(ask(runtime, "/").header("x-served") == "4");
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "worker: behind 1 warm"));
      CHECK(contains(log, "worker: behind 2 -"));

      options.environment["MAX_REQUESTS"] = "1";
      const Json error(testing::init_error_of(options));
      CHECK(error.text("errorType") == "Runtime.InvalidWarmup");
      CHECK(contains(error.text("errorMessage"), "expected its limit (MAX_REQUESTS"));
    }
  }
}

TEST_SUITE("frankenphp: what cannot work") {
  TEST_CASE("a worker script that does not get to its loop fails the boot with the reason") {
    const std::pair<std::string, std::string> scripts[] = {
        {"if (false) { frankenphp_handle_request(fn () => 1); }", "got its end without a call"},
        {"throw new DomainException('no database'); frankenphp_handle_request(fn () => 1);",
         "no database in "},
        {"exit(3); frankenphp_handle_request(fn () => 1);", "called exit(3) while booting"},
    };
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "exec" || strategy == "fpm") continue;
      for (const auto& script : scripts) {
        CAPTURE(strategy);
        CAPTURE(script.first);
        const ScratchFolder scratch;
        const std::string told =
            testing::init_error_of(options_of(scratch, strategy, "<?php " + script.first));
        CHECK_MESSAGE(contains(told, script.second), told);
      }
    }
  }

  TEST_CASE("a loop in a handler of events is told from a worker script, with one that works") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      Runtime runtime(options_of(scratch, strategy,
                                 "<?php return function (array $event) {"
                                 "  while (frankenphp_handle_request(fn () => 1)) {} };"));
      const auto result = runtime.invoke("{}");
      CHECK_FALSE(result.answered());
      const std::string message = Json(result.body).text("errorMessage");
      CHECK(contains(message, "frankenphp_handle_request(): expected a worker script"));
      CHECK(contains(message, "got a call by another kind of entry"));
      CHECK(contains(message, "while (frankenphp_handle_request(fn () => $app->run()))"));
    }
  }

  TEST_CASE(
      "a script whose loop is in another file needs PHORK_ENTRY=worker, and the log says so") {
    const ScratchFolder scratch;
    scratch.write("loop.php",
                  "<?php namespace App; while (frankenphp_handle_request(static function"
                  " () { echo 'in the loop'; })) {}");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(scratch, strategy, "<?php require 'loop.php';");
      {
        Runtime runtime(options);
        CHECK(ask(runtime, "/").status == 500);
        if (strategy != "fpm")
          CHECK(contains(runtime.output_when_idle(), "set PHORK_ENTRY=worker"));
      }
      options.environment["PHORK_ENTRY"] = "worker";
      Runtime runtime(options);
      CHECK(ask(runtime, "/").body == "in the loop");
    }
  }

  TEST_CASE("no other entry sees a function or a variable of FrankenPHP") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      Runtime runtime(
          options_of(scratch, strategy,
                     "<?php echo json_encode([function_exists('frankenphp_handle_request'),"
                     "function_exists('headers_send'), isset($_SERVER['FRANKENPHP_WORKER'])]);"));
      CHECK(ask(runtime, "/").body == "[false,false,false]");
    }
  }
}

TEST_SUITE("frankenphp: frameworks") {
  TEST_CASE("Laravel Octane's own worker script serves, reports and terminates") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      Runtime runtime(octane(scratch, strategy));
      for (int request = 1; request <= 3; ++request) {
        const Json seen = seen_by(runtime, "/");
        CHECK(seen.integer("boots") == 1);
        CHECK(seen.integer("handled") == (isolates(strategy) ? 1 : request));
      }
      const HttpReply failed = ask(runtime, "/?fail=1");
      CHECK(failed.status == 500);
      CHECK(failed.body == "Internal Server Error");
      CHECK(seen_by(runtime, "/").integer("boots") == 1);
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "octane: report failed on purpose"));
      CHECK(contains(log, "octane: shutdown failed on purpose"));
      CHECK(count(log, "octane: terminate") == (ends_with_event(strategy) ? 5 : 0));
    }
  }

  // A Laravel application with Octane, where one is named: docs/coming-from-frankenphp.md.
  TEST_CASE("an application with Laravel Octane serves under every strategy") {
    const std::string folder = base::variable("PHORK_TEST_OCTANE");
    if (folder.empty()) {
      MESSAGE("skipped: PHORK_TEST_OCTANE names no application");
      return;
    }
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = worker(strategy);
      options.task_root = folder;
      options.handler = "public/frankenphp-worker.php";
      options.environment["APP_KEY"] = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
      options.environment["MAX_REQUESTS"] = "500";
      Runtime runtime(options);
      for (const std::string name : {"Ada", "Bob", "Cleo"}) {
        const Json seen = seen_by(runtime, "/api/hello/" + name);
        CHECK(seen.text("greeting") == "Hello, " + name + "!");
      }
      CHECK(ask(runtime, "/api/broken").status == 500);
      CHECK(ask(runtime, "/api/hello/Ada").status == 200);
    }
  }

  TEST_CASE("Symfony's runtime keeps its kernel, and terminates each request once") {
    if (!std::filesystem::exists(
            testing::source_path("examples/frankenphp/vendor/autoload_runtime.php"))) {
      MESSAGE("skipped: examples/frankenphp has no vendor folder (Packagist not reached)");
      return;
    }
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = worker(strategy);
      options.task_root = testing::source_path("examples/frankenphp");
      options.handler = "public/index.php";
      options.environment = {{"PHORK_ENTRY", "worker"}, {"APP_ENV", "prod"}, {"APP_DEBUG", "0"}};
      Runtime runtime(options);
      for (int request = 1; request <= 3; ++request) {
        const Json seen = seen_by(runtime, "/count?name=Ada");
        CHECK(seen.text("name") == "Ada");
        CHECK(seen.integer("requests") == (isolates(strategy) ? 1 : request));
      }
      CHECK(ask(runtime, "/fails").status == 500);
      CHECK(seen_by(runtime, "/count").text("name") == "world");
      const std::string log = runtime.output_when_idle();
      CHECK(count(log, "terminate /count") == 4);
      CHECK(count(log, "terminate /fails") == 1);
    }
  }
}
