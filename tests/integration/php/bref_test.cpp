// SPDX-License-Identifier: MIT
//
// An application that was written for Bref, unchanged: real bootstrap and real PHP under every
// strategy, and stand-ins for Bref's classes (tests/fixtures/bref).
#include <functional>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

using Environment = std::map<std::string, std::string>;

constexpr const char* kOrders = R"({"orders":[1,2]})";

RuntimeOptions options_of(const std::string& handler, const std::string& strategy,
                          Environment environment = {}) {
  RuntimeOptions options;
  options.task_root = testing::source_path("tests/fixtures/bref/app");
  options.handler = handler;
  options.strategy = strategy;
  environment.insert({"BREF_RUNTIME", "function"});
  options.environment = std::move(environment);
  return options;
}

void under_each_strategy(const std::string& handler, const Environment& environment,
                         const std::function<void(Runtime&)>& check) {
  for (const std::string& strategy : testing::all_strategies()) {
    CAPTURE(strategy);
    Runtime runtime(options_of(handler, strategy, environment));
    check(runtime);
  }
}

emulator::EventResult invoke_as(Runtime& runtime, const std::string& id,
                                const std::string& payload) {
  emulator::Event event;
  event.request_id = id;
  event.payload = payload;
  event.trace_id = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700";
  return runtime.invoke(std::move(event));
}

// Under exec each event boots, and gets the error.
void check_refusal(const RuntimeOptions& options, const std::string& expected) {
  for (const std::string strategy : {"fork", "inprocess", "fpm"}) {
    CAPTURE(strategy);
    RuntimeOptions tried = options;
    tried.strategy = strategy;
    const Json error(testing::init_error_of(tried));
    CHECK(error.text("errorType") == "Runtime.UnusableEntry");
    CHECK_MESSAGE(contains(error.text("errorMessage"), expected), error.text("errorMessage"));
  }
}

}  // namespace

TEST_SUITE("applications of Bref") {
  TEST_CASE("a function gets its event, Bref's context and the variables of the event") {
    under_each_strategy("function.php", {}, [](Runtime& runtime) {
      for (const std::string id : {"first", "second"}) {
        const auto result = invoke_as(runtime, id, R"({"name":"you"})");
        REQUIRE_MESSAGE(result.answered(), result.body);
        const Json told(result.body);
        CHECK(told.raw("event") == R"({"name":"you"})");
        CHECK(told.boolean("hasTime"));
        CHECK(told.text("arn").starts_with("arn:aws:lambda:"));
        CHECK(told.text("trace") == "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700");
        for (const char* place : {"id", "context.awsRequestId", "getenv.LAMBDA_REQUEST_ID",
                                  "server.LAMBDA_REQUEST_ID", "env.LAMBDA_REQUEST_ID"}) {
          CAPTURE(place);
          CHECK(told.text(place) == id);
        }
        CHECK(told.raw("heard") == R"(["beforeStartup","afterStartup","beforeInvoke"])");
        CHECK(told.text("input").empty());
      }
      const std::string log = runtime.output_when_idle();
      CHECK_MESSAGE(testing::count(log, "to STDERR\n") == 2, log);
      CHECK_MESSAGE(testing::count(log, "to STDOUT\n") == 2, log);
    });
  }

  TEST_CASE("_HANDLER is the name of a service in the application's container") {
    under_each_strategy("app.orders", {{"TEST_CONTAINER", "1"}}, [](Runtime& runtime) {
      const Json answer(invoke_as(runtime, "of-a-service", kOrders).body);
      CHECK(answer.raw("orders") == "[1,2]");
      CHECK(answer.text("id") == "of-a-service");
    });
  }

  TEST_CASE("a PSR-15 handler goes through Bref's adapter, which also answers the warmer") {
    const Environment environment = {{"TEST_CONTAINER", "1"}, {"BREF_BINARY_RESPONSES", "1"}};
    under_each_strategy("App\\Site", environment, [](Runtime& runtime) {
      const Json answer(
          invoke_as(runtime, "of-a-site", R"({"httpMethod":"GET","path":"/a"})").body);
      CHECK(answer.boolean("isBase64Encoded"));
      CHECK(answer.text("body") == "L2Egb2YtYS1zaXRl");  // /a of-a-site
      CHECK(runtime.invoke(R"({"warmer":true})").body == R"(["Lambda is warm"])");
    });
  }

  TEST_CASE("subscribers hear how an event ended, and cannot change its answer then") {
    under_each_strategy("app.orders", {{"TEST_CONTAINER", "1"}}, [](Runtime& runtime) {
      CHECK(runtime.invoke(R"({"orders":[],"failLate":1})").answered());
      const Json failure(runtime.invoke(R"({"fail":1})").body);
      CHECK(failure.text("errorType") == "RuntimeException");
      CHECK(failure.text("errorMessage") == "an order failed");
      CHECK(runtime.invoke(kOrders).answered());
      const std::string log = runtime.output_when_idle();
      CHECK_MESSAGE(contains(log, "subscriber: answered 2"), log);
      CHECK(contains(log, "subscriber: an order failed"));
      CHECK(contains(log, "a subscriber of Bref failed in afterInvoke(): RuntimeException: too"));
    });
  }

  TEST_CASE("without BREF_RUNTIME a file that returns a handler of Bref works, too") {
    for (const char* kind : {"TEST_OBJECT", "TEST_CLOSURE"}) {
      CAPTURE(kind);
      under_each_strategy("plain.php", {{"BREF_RUNTIME", ""}, {kind, "1"}}, [](Runtime& runtime) {
        CHECK(invoke_as(runtime, "plain", kOrders).body == R"({"orders":[1,2],"id":"plain"})");
      });
    }
  }

  TEST_CASE("under inprocess a process serves as many events as BREF_LOOP_MAX says") {
    const auto pids_of = [](const Environment& environment) {
      Runtime runtime(options_of("function.php", "inprocess", environment));
      std::string pattern;
      std::set<std::int64_t> seen;
      for (int event = 0; event < 6; ++event) {
        pattern += seen.insert(answer_of(runtime).integer("pid")).second ? 'n' : '.';
      }
      return pattern;
    };
    CHECK(pids_of({{"BREF_LOOP_MAX", "2"}}) == "n.n.n.");
    CHECK(pids_of({{"BREF_LOOP_MAX", "2"}, {"PHORK_MAX_EVENTS", "3"}}) == "n..n..");
    CHECK(pids_of({}) == "n.....");
  }

  TEST_CASE("secrets are loaded at boot by the application's own loader") {
    const Environment environment = {{"SECRET", "bref-ssm:/shop/key"},
                                     {"BREF_PARAMETER_STORE", "ssm:/shop"}};
    under_each_strategy("function.php", environment, [](Runtime& runtime) {
      for (int event = 0; event < 2; ++event) {
        const Json told = answer_of(runtime);
        for (const std::string place : {"getenv", "server", "env"}) {
          CAPTURE(place);
          CHECK(told.text(place + ".SECRET") == "/SHOP/KEY");
          CHECK(told.text(place + ".FROM_STORE") == "of the parameter store");
        }
      }
    });
  }

  TEST_CASE("secrets without a loader are refused, without their values") {
    const auto options = options_of("function.php", "fork",
                                    {{"SECRET", "bref-ssm:/shop/key"}, {"TEST_NO_LOADER", "1"}});
    check_refusal(options,
                  "entry: load the secrets of SECRET: expected the class Bref\\Secrets\\Secrets, "
                  "found none: run `composer require bref/secrets-loader`");
  }

  TEST_CASE("BREF_AUTOLOAD_PATH names the autoloader") {
    const testing::ScratchFolder folder;
    const std::string packages = testing::source_path("tests/fixtures/bref/app/packages.php");
    const Environment environment = {
        {"BREF_AUTOLOAD_PATH",
         folder.write("other/autoload.php", "<?php require '" + packages + "';")},
        {"TEST_CONTAINER", "1"}};
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of("app.orders", strategy, environment);
      options.task_root = folder.make_folder("app");
      Runtime runtime(options);
      CHECK(answer_of(runtime, kOrders).raw("orders") == "[1,2]");
    }
  }

  TEST_CASE("BREF_RUNTIME=fpm: a script finds its secrets, and loads Composer itself") {
    const Environment environment = {{"BREF_RUNTIME", "fpm"}, {"SECRET", "bref-ssm:/shop/key"}};
    under_each_strategy("script.php", environment, [](Runtime& runtime) {
      for (int event = 0; event < 2; ++event) {
        const auto result = runtime.invoke(testing::http_event("/"));
        REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
        const Json told(testing::http_reply(result).body);
        CHECK(told.raw("secret") == R"(["/SHOP/KEY","/SHOP/KEY"])");
        CHECK(told.raw("started") == R"(["by a subscriber","by a subscriber"])");
        CHECK(told.has("context"));
      }
      CHECK(runtime.invoke(R"({"warmer":true})").body == R"(["Lambda is warm"])");
      const Json refused(runtime.invoke(R"({"warmer":false})").body);
      CHECK(refused.text("errorType") == "Runtime.InvalidEvent");
    });
  }

  TEST_CASE("BREF_RUNTIME=console: a line of words is a command, and its failure the event's") {
    const Environment environment = {{"BREF_RUNTIME", "console"}, {"SECRET", "bref-ssm:/shop/key"}};
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // runs no commands
      CAPTURE(strategy);
      Runtime runtime(options_of("console.php", strategy, environment));
      for (const char* event : {R"("greet 'you two'")", R"({"cli":"greet 'you two'"})"}) {
        const Json answer = answer_of(runtime, event);
        CHECK(answer.integer("exitCode") == 0);
        CHECK(answer.text("output") == R"(["greet","you two","/SHOP/KEY"])");
      }
      for (const char* event : {R"("greet --fail")", R"({"cli":"greet --fail"})"}) {
        const Json failure(runtime.invoke(event).body);
        CHECK(failure.text("errorType") == "Phork\\Console\\CommandFailed");
        CHECK(contains(failure.text("errorMessage"), "exit code 3"));
      }
    }
  }

  TEST_CASE("a Bref application without Bref, or with a handler that is nowhere, is told so") {
    const testing::ScratchFolder folder;
    RuntimeOptions options = options_of("index.php", "fork");
    options.task_root = folder.path();
    check_refusal(options, "no Composer autoloader " + folder.file("vendor/autoload.php"));
    folder.write("vendor/autoload.php", "<?php");
    check_refusal(options, "got no class Bref\\Bref");
    folder.write("vendor/autoload.php",
                 "<?php namespace Bref { class Bref { static function getContainer() {} } } "
                 "namespace Bref\\Context { class Context {} }");
    check_refusal(options, "expected bref/bref 2.1.10 or later, got a Bref\\Bref without events()");
    check_refusal(options_of("nowhere.php", "fork"), "find handler 'nowhere.php'");
    check_refusal(options_of("app.nothing", "fork", {{"TEST_CONTAINER", "1"}}),
                  "Bref::setContainer(): the container has no app.nothing");
  }

  TEST_CASE("a handler of Bref without Bref, and without BREF_RUNTIME") {
    const testing::ScratchFolder folder;
    RuntimeOptions options = options_of("closure.php", "fork", {{"BREF_RUNTIME", ""}});
    options.task_root = folder.path();
    folder.write("closure.php", "<?php return fn ($event, Bref\\Context\\Context $context) => 1;");
    check_refusal(options, "expected bref/bref 2.1.10 or later, got no class Bref\\Bref;");
    options.handler = "object.php";
    folder.write("object.php", "<?php return new class implements Bref\\Event\\Handler {};");
    for (const std::string strategy : {"fork", "inprocess", "fpm"}) {
      CAPTURE(strategy);
      options.strategy = strategy;
      const Json error(testing::init_error_of(options));
      CHECK(error.text("errorType") == "Error");
      CHECK(contains(error.text("errorMessage"), "composer require bref/bref\n  <?php\n"));
    }
  }

  TEST_CASE("phork's commands take the name of a service, too") {
    const testing::ScratchFolder folder;
    const std::string event = folder.write("event.json", kOrders);
    const Environment environment = {{"BREF_RUNTIME", "function"}, {"TEST_CONTAINER", "1"}};
    const std::string app = testing::source_path("tests/fixtures/bref/app");
    const auto run = [&](const std::vector<std::string>& arguments) {
      return testing::run_program(testing::program("phork"), arguments, environment);
    };
    const auto invoked = run({"invoke", app, "--handler", "app.orders", "--event", event});
    CHECK_MESSAGE(contains(invoked.output, R"({"orders":[1,2],"id":")"), invoked.output);

    std::vector<std::string> package = {"package",      app,
                                        "--handler",    "app.orders",
                                        "--no-prepare", "--no-compile",
                                        "--out",        folder.file("function.zip")};
    CHECK(contains(run(package).output, "find handler 'app.orders' in the package: no such file"));
    package.insert(package.end(), {"--env", "BREF_RUNTIME=function"});
    const auto packaged = run(package);
    CHECK_MESSAGE(packaged.status.code == 0, packaged.output);
    CHECK(folder.has("function.zip"));
  }

  TEST_CASE("wrong words of Bref's variables end bootstrap") {
    for (const auto& [name, expected] :
         Environment{{"BREF_RUNTIME", "none, function, fpm or console, got 'App\\Main'"},
                     {"BREF_LOOP_MAX", "a number from 0 to 1000000, got 'App\\Main'"}}) {
      RuntimeOptions options = options_of("function.php", "fork", {{name, "App\\Main"}});
      Runtime runtime(options);
      CHECK(runtime.process().wait_exit().describe() == "exit code 100");
      CHECK_MESSAGE(contains(runtime.output(), "read " + name + ": expected " + expected),
                    runtime.output());
    }
  }
}
