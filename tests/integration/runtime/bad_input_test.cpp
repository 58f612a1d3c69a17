// SPDX-License-Identifier: MIT
//
// A wrong setting or a broken function is reported once, in one line, with the documented exit
// code, and posted to Lambda where Lambda can be reached.
#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/strict_api.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

Finished run_bootstrap(std::vector<std::string> arguments,
                       const std::map<std::string, std::string>& environment) {
  return testing::run_program(testing::program("bootstrap"), std::move(arguments), environment);
}

// A port on which no process listens.
const std::string kNobody = "127.0.0.1:9";

int lines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

// The lines of our own that end before their reason, or lack a text between two colons.
std::string lines_without_text(const std::string& output) {
  std::string found;
  std::istringstream rest(output);
  for (std::string line; std::getline(rest, line);) {
    const bool is_ours = contains(line, "phork error") || contains(line, "\tERROR\t");
    const bool lacks_text = line.ends_with(':') || line.ends_with(": ") || contains(line, ": :");
    if (is_ours && lacks_text) found += line + '\n';
  }
  return found;
}

struct BootCase {
  std::string handler;
  std::string type;
  std::string message;  // a part of it
  // The part under php-fpm, which does not report exit codes.
  std::string fpm_message = message;
};

// The boot fails with exit code 1, an error of this type for Lambda and its message in the log.
// exec is left out: there each event boots, and gets the error.
void check_boot_failure(const BootCase& expected) {
  for (const std::string& strategy : testing::all_strategies()) {
    const std::string& message = strategy == "fpm" ? expected.fpm_message : expected.message;
    if (strategy == "exec") continue;
    CAPTURE(strategy);
    CAPTURE(expected.handler);
    RuntimeOptions options;
    options.handler = expected.handler;
    options.strategy = strategy;
    options.environment = {{"PHORK_ENTRY", "handler"}};
    Runtime runtime(options);
    const auto status = runtime.process().wait_exit();
    CHECK(status.describe() == "exit code 1");
    CHECK_MESSAGE(contains(runtime.output(), message), runtime.output());
    CHECK(lines_without_text(runtime.output()).empty());
    const Json reported(runtime.init_error());
    CHECK(reported.text("errorType") == expected.type);
    CHECK(contains(reported.text("errorMessage"), message));
  }
}

}  // namespace

TEST_SUITE("bad input") {
  TEST_CASE("no AWS_LAMBDA_RUNTIME_API") {
    for (const std::string& strategy : testing::all_strategies()) {
      const auto ended = run_bootstrap({"--strategy=" + strategy}, {{"_HANDLER", "echo.php"}});
      CHECK(ended.status.code == 100);
      CHECK(contains(ended.output, "AWS_LAMBDA_RUNTIME_API"));
      CHECK(lines(ended.output) == 1);
    }
  }

  TEST_CASE("an unknown strategy, by flag or by variable, lists the names") {
    const auto flag = run_bootstrap({"--strategy=threads"}, {{"AWS_LAMBDA_RUNTIME_API", kNobody}});
    const auto variable =
        run_bootstrap({}, {{"AWS_LAMBDA_RUNTIME_API", kNobody}, {"PHORK_STRATEGY", "threads"}});
    for (const Finished& ended : {flag, variable}) {
      CHECK(ended.status.code == 100);
      CHECK(contains(ended.output, "'threads'"));
      CHECK(contains(ended.output, "inprocess (A), "));
      CHECK(contains(ended.output, "fork (D)"));
      CHECK(lines(ended.output) == 1);
    }
  }

  TEST_CASE("strategies are known by name and letter in any case") {
    for (const char* word : {"FORK", "d", "InProcess", "a"}) {
      const auto ended =
          run_bootstrap({"--strategy", word},
                        {{"AWS_LAMBDA_RUNTIME_API", kNobody},
                         {"_HANDLER", "echo.php"},
                         {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
      CHECK_MESSAGE(ended.status.code == 111, ended.output);
    }
  }

  TEST_CASE("an unknown flag") {
    const auto ended = run_bootstrap({"--stratgy=fork"}, {});
    CHECK(ended.status.code == 100);
    CHECK(contains(ended.output, "--stratgy"));
  }

  TEST_CASE("a wrong setting is told to Lambda, once, with its name") {
    for (const auto& setting :
         std::map<std::string, std::string>{{"PHORK_LEARN", "maybe"},
                                            {"PHORK_SPARES", "9"},
                                            {"PHORK_CORE_DUMPS", "1"},
                                            {"PHORK_TRACE", "zipkin"},
                                            {"PHORK_COMPRESS", "gzip"},
                                            {"AWS_LAMBDA_MAX_CONCURRENCY", "many"},
                                            {"PHORK_WORKER", "/nonexistent/php-worker"}}) {
      CAPTURE(setting.first);
      RuntimeOptions options;
      options.handler = "echo.php";
      options.environment.insert(setting);
      Runtime runtime(options);
      CHECK(runtime.process().wait_exit().describe() == "exit code 100");
      const Json error(runtime.init_error());
      CHECK(error.text("errorType") == "Runtime.InvalidSetting");
      CHECK(contains(error.text("errorMessage"), setting.first));
      CHECK(lines(runtime.output()) == 1);
    }
    RuntimeOptions options;
    options.handler = "echo.php";
    options.strategy = "threads";
    const Json error(testing::init_error_of(options));
    CHECK(contains(error.text("errorMessage"), "--strategy: "));
    CHECK(contains(error.text("errorMessage"), "'threads'"));
  }

  TEST_CASE(
      "slots that need more descriptors than are allowed are told to Lambda, with the number") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.handler = "echo.php";
      options.strategy = strategy;
      options.environment = {{"AWS_LAMBDA_MAX_CONCURRENCY", "64"}, {"PHORK_SPARES", "4"}};
      options.prelude = "ulimit -n 256";
      Runtime runtime(options);
      CHECK(runtime.process().wait_exit().describe() == "exit code 1");
      const Json error(runtime.init_error());
      CHECK(error.text("errorType") == "Runtime.BootFailed");
      CHECK(contains(error.text("errorMessage"), "RLIMIT_NOFILE allows 256"));
      CHECK(contains(error.text("errorMessage"), "AWS_LAMBDA_MAX_CONCURRENCY"));
    }
  }

  TEST_CASE("one slot that needs more descriptors than are allowed is told to Lambda, too") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.handler = "echo.php";
      options.strategy = strategy;
      options.prelude = "ulimit -n 30";
      const Json error(testing::init_error_of(options));
      CHECK(error.text("errorMessage") == "supervisor: make room for 1 slot under strategy " +
                                              strategy +
                                              ": it needs 48 descriptors, and RLIMIT_NOFILE "
                                              "allows 30: raise it");
    }
  }

  TEST_CASE("a soft limit of descriptors is raised as far as the slots need") {
    RuntimeOptions options;
    options.handler = "echo.php";
    options.environment = {{"AWS_LAMBDA_MAX_CONCURRENCY", "4"}};
    options.prelude = "ulimit -Sn 64";
    Runtime runtime(options);
    CHECK(Json(runtime.invoke("7").body).integer("event") == 7);
  }

  TEST_CASE("a boot that crashes is one error under each strategy, with the signal") {
    const testing::ScratchFolder folder;
    folder.write("crashes.php", "<?php\nposix_kill(getmypid(), 6);\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.handler = "crashes.php";
      options.task_root = folder.path();
      options.strategy = strategy;
      options.environment = {{"PHORK_ENTRY", "handler"}};
      Runtime runtime(options);
      std::string body;
      if (strategy == "exec") {
        body = runtime.invoke("{}").body;
      } else {
        CHECK(runtime.process().wait_exit().describe() == "exit code 1");
        body = runtime.init_error();
      }
      const Json error(body);
      CHECK(error.text("errorType") == "Runtime.BootFailed");
      CHECK(error.text("errorMessage") == "php-worker ended while booting: signal 6 (Aborted)");
    }
  }

  TEST_CASE("a missing php-worker") {
    const auto ended = run_bootstrap({}, {{"AWS_LAMBDA_RUNTIME_API", kNobody},
                                          {"_HANDLER", "echo.php"},
                                          {"PHORK_WORKER", "/nonexistent/php-worker"}});
    CHECK(ended.status.code == 100);
    CHECK(contains(ended.output, "/nonexistent/php-worker"));
    CHECK(contains(ended.output, "PHORK_WORKER"));
  }

  TEST_CASE("a Runtime API that refuses the connection") {
    for (const std::string& strategy : testing::all_strategies()) {
      const auto ended =
          run_bootstrap({"--strategy=" + strategy},
                        {{"AWS_LAMBDA_RUNTIME_API", kNobody},
                         {"_HANDLER", "echo.php"},
                         {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
      CHECK(ended.status.code == 111);
      CHECK(contains(ended.output, kNobody));
      CHECK(contains(ended.output, "cannot connect"));
    }
  }

  TEST_CASE("an entry file that is missing names the paths that were tried") {
    check_boot_failure({"nosuch.php", "Runtime.HandlerNotFound", "handlers/nosuch.php"});
    check_boot_failure({"nosuch.greet", "Runtime.HandlerNotFound", "src/nosuch.php"});
  }

  TEST_CASE("an entry that is a folder") {
    check_boot_failure({"lib", "Runtime.HandlerNotFound", "lib"});
  }

  TEST_CASE("an entry with a syntax error names file and line") {
    check_boot_failure(
        {"syntax_error.php", "Runtime.UserCodeSyntaxError", "handlers/syntax_error.php:6"});
  }

  TEST_CASE("an entry that throws while booting") {
    check_boot_failure({"throws_at_boot.php", "DomainException", "boot failed on purpose"});
  }

  TEST_CASE("an entry that exits while booting") {
    check_boot_failure({"exits_at_boot.php", "Runtime.HandlerExited", "exit(3) while booting",
                        "exit() while booting"});
  }

  TEST_CASE("an entry that ends in a fatal error while booting") {
    check_boot_failure({"fatal_at_boot.php", "Runtime.PhpFatal", "fatal_at_boot.php:"});
  }

  TEST_CASE("an entry that returns nothing usable is refused with what it returned") {
    check_boot_failure({"returns_nothing.php", "Runtime.UnusableEntry", "got nothing"});
    check_boot_failure({"functions.nosuch", "Runtime.UnusableEntry", "nosuch"});
  }

  TEST_CASE("an event for a script says that the script returns nothing to call") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.handler = "returns_nothing.php";
      options.strategy = strategy;
      Runtime runtime(options);
      const Json failure(runtime.invoke("{}").body);
      CHECK(failure.text("errorType") == "Runtime.InvalidEvent");
      CHECK(contains(failure.text("errorMessage"), "returns nothing to call"));
    }
  }

  TEST_CASE("under exec an application that cannot boot fails each event") {
    RuntimeOptions options;
    options.handler = "throws_at_boot.php";
    options.strategy = "exec";
    Runtime runtime(options);
    for (int event = 0; event < 2; ++event) {
      const auto result = runtime.invoke("{}");
      CHECK(result.ending == emulator::Ending::kFailed);
      CHECK(Json(result.body).text("errorType") == "DomainException");
      CHECK(contains(Json(result.body).text("errorMessage"), "boot failed on purpose"));
    }
    CHECK(lines_without_text(runtime.output_when_idle()).empty());
  }

  TEST_CASE("a handler is the entry by its place on the command line, too") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      testing::StrictApi api;
      api.give("event-1", R"({"name":"Ada"})");
      const testing::Program runtime(
          testing::program("bootstrap"), {"functions.greet", "--strategy", strategy},
          {{"AWS_LAMBDA_RUNTIME_API", api.address()},
           {"_HANDLER", "nosuch.php"},
           {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
      const auto outcome = api.wait_outcome("event-1");
      REQUIRE_MESSAGE(outcome, runtime.output());
      CHECK(outcome->answered);
      CHECK(contains(outcome->body, "Hello, Ada!"));
    }
    const auto twice = run_bootstrap({"echo.php", "other.php"}, {});
    CHECK(twice.status.code == 100);
    CHECK(contains(twice.output, "other.php"));
  }

  TEST_CASE("an answer that the API refuses is logged with the API's words and its size") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.handler = "functions.greet";
      options.strategy = strategy;
      options.faults = {"response:413"};
      Runtime runtime(options);
      runtime.invoke(R"({"name":"Ada"})");
      CHECK(runtime.invoke("{}").answered());
      const std::string output = runtime.output_when_idle();
      CHECK_MESSAGE(contains(output,
                             "lambda: answer of 26 bytes not taken: status=413 "
                             "RequestEntityTooLarge: Response payload size exceeded"),
                    output);
      CHECK(lines_without_text(output).empty());
    }
  }

  TEST_CASE("a result that JSON cannot hold names the value's path, and the next event works") {
    for (const std::string& strategy : testing::all_strategies()) {
      RuntimeOptions options;
      options.handler = "invalid_result.php";
      options.strategy = strategy;
      Runtime runtime(options);
      for (int event = 0; event < 2; ++event) {
        const auto result = runtime.invoke("{}");
        CHECK(result.ending == emulator::Ending::kFailed);
        const Json error(result.body);
        CHECK(error.text("errorType") == "Runtime.InvalidResult");
        CHECK(contains(error.text("errorMessage"), "result.items[1].price is NAN"));
      }
    }
  }

  TEST_CASE("an event that is not JSON is refused without being printed") {
    for (const std::string& strategy : testing::all_strategies()) {
      RuntimeOptions options;
      options.handler = "echo.php";
      options.strategy = strategy;
      Runtime runtime(options);
      for (const char* payload : {"{\"secret\":", "", "\xff\xfe secret"}) {
        const auto result = runtime.invoke(payload);
        CHECK(result.ending == emulator::Ending::kFailed);
        CHECK(Json(result.body).text("errorType") == "Runtime.InvalidEvent");
        CHECK_FALSE(contains(result.body, "secret"));
      }
      CHECK(runtime.invoke("{}").answered());
      CHECK_FALSE(contains(runtime.output(), "secret"));
    }
  }

  TEST_CASE("a rehearsal that cannot be read is a boot failure that names it") {
    for (const char* name : {"nosuch.json", "/"}) {
      CAPTURE(name);
      RuntimeOptions options;
      options.handler = "echo.php";
      options.environment["PHORK_WARMUP"] = name;
      Runtime runtime(options);
      CHECK(runtime.process().wait_exit().describe() == "exit code 1");
      CHECK(Json(runtime.init_error()).text("errorType") == "Runtime.InvalidWarmup");
      CHECK(contains(runtime.output(), std::string("rehearse '") + name + "'"));
    }
  }

  TEST_CASE("the library of another PHP is refused in one line") {
    const auto ended = testing::run_program(
        testing::program("php-worker"), {"--entry-kind"},
        {{"_HANDLER", "echo.php"},
         {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")},
         {"LD_PRELOAD", testing::program("tests/integration/other_library.so")}});
    CHECK(ended.status.describe() == "exit code 1");
    CHECK(lines(ended.output) == 1);
    CHECK_MESSAGE(contains(ended.output, "got that of 9.9: "), ended.output);
  }
}
