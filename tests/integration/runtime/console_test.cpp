// SPDX-License-Identifier: MIT
//
// Consoles: commands that events name, under each strategy, and `phork console`. Real bootstrap,
// real PHP.
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::eventually;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

// An application's console, the first line of which a terminal needs and PHP skips.
constexpr const char* kConsole = R"(#!/usr/bin/env php
<?php
$loaded = require_once dirname(__DIR__) . '/vendor/autoload.php';
array_shift($argv);
$commands = [
    'show' => function () use ($argv, $argc, $loaded) {
        echo json_encode([
            'sapi' => PHP_SAPI, 'argv' => $argv, 'argc' => $argc, 'folder' => getcwd(),
            'input' => stream_get_contents(STDIN), 'depth' => ob_get_level(),
            'trace' => count(debug_backtrace()), 'loader' => get_debug_type($loaded),
            'loadedBefore' => LOADED_BY !== getmypid(), 'kept' => $GLOBALS['kept'] ?? 'none',
        ]);
        $GLOBALS['kept'] = 'one';
    },
    'print' => function () {
        echo "echo\n";
        fwrite(STDOUT, "output\n");
        file_put_contents('php://stdout', "again\n");
        passthru('echo program');
        fwrite(STDERR, "error\n");
        register_shutdown_function(fn () => print("shutdown\n"));
        exit(3);
    },
    'raw' => fn () => print(str_repeat("\xFF\r\0", 200_000) . "\n\nend without a line end"),
    'bytes' => fn () => print(str_repeat("0123456789abcde\n", $argv[1] / 16)),
    'throw' => fn () => throw new DomainException('no way'),
    'kill' => fn () => posix_kill(getmypid(), SIGKILL),
    'wait' => function () use ($argv) {
        register_shutdown_function(fn () => print("shut down\n"));
        echo "began\n";
        while (!file_exists($argv[1])) {
            usleep(1000);
            clearstatcache();
        }
        echo "ended\n";
    },
    'background' => fn () => print(exec('sleep 600 >&2 & echo started')),
];
$commands[$argv[0] ?? 'print']();
)";

constexpr const char* kAutoloader = R"(<?php
defined('LOADED_BY') || define('LOADED_BY', getmypid());
return new ArrayObject();
)";

// A folder with an application that has a console.
class Application {
 public:
  Application() {
    folder_.write("bin/console", kConsole);
    folder_.write("vendor/autoload.php", kAutoloader);
  }

  RuntimeOptions options(const std::string& strategy) const {
    RuntimeOptions options;
    options.handler = "bin/console";
    options.strategy = strategy;
    options.task_root = folder_.path();
    return options;
  }

  const testing::ScratchFolder& folder() const { return folder_; }

 private:
  testing::ScratchFolder folder_;
};

// Runs a case under each strategy that has consoles.
template <typename Case>
void for_each_strategy(Case&& run) {
  const Application application;
  for (const std::string& strategy : testing::all_strategies()) {
    if (strategy == "fpm") continue;
    INFO("strategy " << strategy);
    run(application, application.options(strategy));
  }
}

const std::vector<std::string>& printed_lines() {
  static const std::vector<std::string> lines{"echo",    "output", "again",
                                              "program", "error",  "shutdown"};
  return lines;
}

testing::Finished run_console(const Application& application, std::vector<std::string> arguments) {
  std::vector<std::string> all{"console", application.folder().path()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return testing::run_program(testing::program("phork"), std::move(all), {});
}

}  // namespace

TEST_SUITE("console") {
  TEST_CASE("a command finds what it finds at a terminal, and nothing of another command") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      for (const char* event :
           {R"({"argv":["show","--a=b c","$HOME","*"]})", R"({"cli":"show '--a=b c' $HOME *"})",
            R"("show \"--a=b c\" $HOME *")"}) {
        const Json answer = answer_of(runtime, event);
        CHECK(answer.integer("exitCode") == 0);
        const Json shown(answer.text("output"));
        CHECK(shown.text("sapi") == "cli");
        CHECK(shown.raw("argv") == R"(["show","--a=b c","$HOME","*"])");
        CHECK(shown.integer("argc") == 5);
        CHECK(shown.text("folder") == std::filesystem::current_path());
        CHECK(shown.text("input").empty());
        CHECK(shown.integer("depth") == 0);
        CHECK(shown.integer("trace") == 1);
        CHECK(shown.text("kept") == "none");
        CHECK(shown.text("loader") == "ArrayObject");
        CHECK(shown.boolean("loadedBefore"));
      }
    });
  }

  TEST_CASE("all that a command prints is in the log and in the answer, with its exit code") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      const Json answer = answer_of(runtime, R"({"cli":"print"})");
      CHECK(answer.integer("exitCode") == 3);
      const std::string output = answer.text("output");
      CHECK(output.size() == std::string("echooutputagainprogramerrorshutdown").size() + 6);
      const std::string log = runtime.output_when_idle();
      for (const std::string& line : printed_lines()) {
        CHECK(contains(output, line + "\n"));
        CHECK(contains(log, line + "\n"));
      }
      CHECK(output.find("echo") < output.find("program"));
    });
  }

  TEST_CASE("a line is in the log while the command still runs") {
    for_each_strategy([](const Application& application, const RuntimeOptions& options) {
      const std::string go = "go-" + options.strategy;
      Runtime runtime(options);
      runtime.submit(R"({"cli":"wait )" + application.folder().file(go) + "\"}");
      CHECK(eventually([&] { return contains(runtime.output(), "began\n"); }));
      CHECK_FALSE(contains(runtime.output(), "ended"));
      application.folder().write(go, "");
      CHECK(contains(runtime.output_when_idle(), "ended\n"));
    });
  }

  TEST_CASE("a command that fails in any way has an exit code, and the next one runs") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      const Json thrown = answer_of(runtime, R"({"cli":"throw"})");
      CHECK(thrown.integer("exitCode") == 255);
      CHECK(contains(thrown.text("output"), "Uncaught DomainException: no way in "));
      CHECK(answer_of(runtime, R"({"cli":"kill"})").integer("exitCode") == 128 + SIGKILL);
      const auto checked = runtime.invoke(R"({"cli":"print","check":true})");
      CHECK_FALSE(checked.answered());
      CHECK(contains(checked.body, "CommandFailed"));
      CHECK(contains(checked.body, "exit code 3: echo\\noutput\\n"));
      CHECK(answer_of(runtime, R"({"cli":"bytes 16"})").integer("exitCode") == 0);
    });
  }

  TEST_CASE("a command that is not done at the deadline is interrupted, and shuts down") {
    for_each_strategy([](const Application&, RuntimeOptions options) {
      options.environment["PHORK_DEADLINE_MARGIN_MS"] = "2000";
      options.timeout = std::chrono::milliseconds(3000);
      Runtime runtime(options);
      const auto result = runtime.invoke(R"({"cli":"wait /nowhere"})");
      CHECK_FALSE(result.answered());
      CHECK(contains(result.body, "Function.Timeout"));
      CHECK(
          contains(result.body, "the command wait of " + options.task_root + "/bin/console was "));
      const std::string log = runtime.output_when_idle();
      CHECK_FALSE(contains(log, "Console.php"));
      CHECK(contains(log, "began"));
      CHECK(contains(log, "shut down"));
      CHECK(contains(log, "deadline near"));
      runtime.settled();
    });
  }

  TEST_CASE("a runtime that is stopped stops its command, which tells the exit code") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      auto result = std::async([&] { return runtime.invoke(R"({"cli":"wait /nowhere"})"); });
      CHECK(eventually([&] { return contains(runtime.output(), "began\n"); }));
      runtime.process().signal(SIGTERM);
      CHECK(runtime.process().wait_exit().code == 0);
      INFO(runtime.output());
      CHECK(Json(result.get().body).integer("exitCode") == 128 + SIGTERM);
    });
  }

  TEST_CASE("a process that a command leaves behind delays no answer, and ends") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      CHECK(answer_of(runtime, R"({"cli":"background"})").text("output") == "started");
      runtime.settled();
    });
  }

  TEST_CASE("more output than an answer can hold is cut at its beginning") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      const auto result = runtime.invoke(R"({"cli":"bytes 8000000"})");
      REQUIRE(result.answered());
      CHECK(result.body.size() < 6U * 1024 * 1024);
      const std::string output = Json(result.body).text("output");
      CHECK(output.starts_with("[phork: "));
      CHECK(output.ends_with("89abcde\n"));
    });
  }

  TEST_CASE("any other event is refused") {
    for_each_strategy([](const Application&, const RuntimeOptions& options) {
      Runtime runtime(options);
      const auto result = runtime.invoke(R"({"Records":[{"body":"hunter2"}]})");
      CHECK_FALSE(result.answered());
      CHECK(contains(result.body, "Runtime.InvalidEvent"));
      CHECK(contains(result.body, "event: run a command: expected"));
      CHECK_FALSE(contains(result.body, "hunter2"));
      CHECK(answer_of(runtime, R"({"cli":"bytes 16"})").integer("exitCode") == 0);
    });
  }

  TEST_CASE("strategy fpm has no consoles, and says so") {
    const Application application;
    CHECK(contains(testing::init_error_of(application.options("fpm")),
                   "php-fpm runs no commands; set PHORK_STRATEGY to fork or exec"));
  }
}

TEST_SUITE("phork console") {
  TEST_CASE("it prints what the command prints, and ends with its exit code") {
    const Application application;
    const auto printed = run_console(application, {"--", "print"});
    CHECK(printed.status.code == 3);
    for (const std::string& line : printed_lines()) CHECK(contains(printed.output, line + "\n"));
    CHECK(printed.output.size() == std::string("echooutputagainprogramerrorshutdown").size() + 6);
    const auto shown = run_console(application, {"--", "show", "--help", "a b"});
    CHECK(shown.status.code == 0);
    CHECK(Json(shown.output).raw("argv") == R"(["show","--help","a b"])");
  }

  TEST_CASE("what a command prints gets to stdout byte for byte") {
    const Application application;
    const auto finished =
        testing::run_program("/bin/sh",
                             {"-c", R"("$0" console "$1" -- raw >"$1/printed")",
                              testing::program("phork"), application.folder().path()},
                             {});
    CHECK(finished.status.code == 0);
    CHECK(finished.output.empty());
    std::string expected;
    for (int i = 0; i < 200'000; ++i) expected.append("\xFF\r\0", 3);
    expected += "\n\nend without a line end";
    CHECK((application.folder().read("printed") == expected));
  }

  TEST_CASE("without DIR the application is the current folder") {
    const Application application;
    const auto shown = testing::run_program(
        "/bin/sh",
        {"-c", "cd '" + application.folder().path() + "' && exec \"$0\" console -- show Ada -- b",
         testing::program("phork")},
        {});
    CHECK(shown.status.code == 0);
    CHECK(Json(shown.output).raw("argv") == R"(["show","Ada","--","b"])");
  }

  TEST_CASE("consoles of frameworks run as they are") {
    struct Example {
      const char* folder;
      std::vector<std::string> command;
      const char* printed;
      int code;
    };

    for (const Example& example :
         {Example{"console", {"planets", "--larger-than=10000"}, "earth 12742 km\n", 0},
          Example{"console", {"planets", "--larger-than=many"}, "got 'many'", 2},
          Example{"console", {"moons"}, "Command \"moons\" is not defined.", 1},
          Example{"laravel", {"about"}, "Laravel Version", 0}}) {
      const std::string folder = testing::source_path("examples/") + example.folder;
      if (!std::filesystem::exists(folder + "/vendor/autoload.php")) {
        MESSAGE("skipped: " << folder << " has no vendor folder");
        continue;
      }
      for (const char* strategy : {"exec", "fork", "inprocess"}) {
        std::vector<std::string> all{"console", folder, "--strategy", strategy, "--"};
        all.insert(all.end(), example.command.begin(), example.command.end());
        const auto finished =
            testing::run_program(testing::program("phork"), all, {{"APP_KEY", "base64:AAAA"}});
        CHECK(contains(finished.output, example.printed));
        CHECK(finished.status.code == example.code);
      }
    }
  }

  TEST_CASE("a signal ends it and the command") {
    const Application application;
    testing::Program phork(testing::program("phork"),
                           {"console", application.folder().path(), "--", "wait", "/nowhere"}, {});
    CHECK(eventually([&] { return contains(phork.output(), "began\n"); }));
    const std::vector<pid_t> below = testing::descendant_pids(phork.pid());
    phork.signal(SIGINT);
    CHECK(phork.wait_exit().code == 128 + SIGINT);
    CHECK(phork.output() == "began\n");
    for (const pid_t pid : below) CHECK(eventually([pid] { return ::kill(pid, 0) == -1; }));
  }

  TEST_CASE("without a console it says what it looked for") {
    const testing::ScratchFolder folder;
    const auto finished = testing::run_program(testing::program("phork"),
                                               {"console", folder.path(), "--", "list"}, {});
    CHECK(finished.status.code == 100);
    CHECK(contains(finished.output, "expected bin/console or artisan, found none"));
  }
}
