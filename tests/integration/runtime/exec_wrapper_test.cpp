// SPDX-License-Identifier: MIT
//
// AWS_LAMBDA_EXEC_WRAPPER: bootstrap starts the wrapper, and the wrapper bootstrap.
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// Tells the variable that the wrapper has exported, and the traces of its run that an event could
// see.
constexpr const char* kHandler =
    "<?php return fn () => [\n"
    "    'exported' => getenv('FROM_WRAPPER'),\n"
    "    'wrapper' => getenv('AWS_LAMBDA_EXEC_WRAPPER'),\n"
    "    'others' => array_keys(array_filter(getenv(),\n"
    "        fn ($name) => str_contains($name, 'STARTED_WRAPPER'), ARRAY_FILTER_USE_KEY)),\n"
    "];\n";

constexpr const char* kTellArguments =
    "printf '%s\\n' \"$@\" >> \"$0.arguments\"\n"
    "export FROM_WRAPPER=\"$((${FROM_WRAPPER:-0} + 1)) time\"\n";

class Scene {
 public:
  explicit Scene(const std::string& wrapper) {
    folder_.write("app/index.php", kHandler);
    path_ = folder_.write("wrapper", wrapper);
    ::chmod(path_.c_str(), 0755);
  }

  const std::string& wrapper() const { return path_; }

  std::string folder() const { return folder_.file("app"); }

  RuntimeOptions options(const std::string& strategy) const {
    RuntimeOptions options;
    options.handler = "index.php";
    options.task_root = folder();
    options.strategy = strategy;
    options.environment = {{"AWS_LAMBDA_EXEC_WRAPPER", path_}};
    return options;
  }

  // The arguments of all runs, one a line; forgets them.
  std::string take_arguments() const {
    const std::string name = "wrapper.arguments";
    std::string arguments = folder_.read(name);
    folder_.remove(name);
    return arguments;
  }

 private:
  ScratchFolder folder_;
  std::string path_;
};

void check_events(const Scene& scene, const std::string& strategy) {
  CAPTURE(strategy);
  Runtime runtime(scene.options(strategy));
  for (int event = 0; event < 2; ++event) {
    const Json told = testing::answer_of(runtime);
    CHECK(told.text("exported") == "1 time");
    CHECK(told.text("wrapper") == scene.wrapper());
    CHECK(told.raw("others") == "[]");
  }
  const std::string arguments = scene.take_arguments();
  CHECK(testing::count(arguments, "/bootstrap\n") == 1);
  CHECK_MESSAGE(contains(arguments, strategy), arguments);
}

void check_refusal(const RuntimeOptions& options, const std::string& reason) {
  Runtime runtime(options);
  CHECK(runtime.process().wait_exit().describe() == "exit code 100");
  const Json error(runtime.init_error());
  CHECK(error.text("errorType") == "Runtime.InvalidSetting");
  const std::string message = error.text("errorMessage");
  CHECK(contains(message, options.environment.at("AWS_LAMBDA_EXEC_WRAPPER")));
  CHECK_MESSAGE(contains(message, reason), message);
}

}  // namespace

TEST_SUITE("exec wrapper") {
  TEST_CASE("its environment reaches PHP, under every strategy, and it runs once") {
    const Scene scene(std::string("#!/bin/sh\n") + kTellArguments + "exec \"$@\"\n");
    for (const std::string& strategy : testing::all_strategies()) check_events(scene, strategy);
  }

  TEST_CASE("one that starts bootstrap as its child, and has no first line for its shell") {
    const Scene scene(std::string(kTellArguments) + "\"$@\"\n");
    check_events(scene, "fork");
  }

  TEST_CASE("one that drops the variables which it does not know runs once") {
    const Scene scene(
        std::string("#!/bin/sh\nunset $(env | sed -n 's/^\\(PHORK[^=]*\\)=.*/\\1/p')\n") +
        kTellArguments + "exec \"$@\"\n");
    Runtime runtime(scene.options("inprocess"));
    CHECK(testing::answer_of(runtime).text("exported") == "1 time");
    CHECK(testing::count(scene.take_arguments(), "/bootstrap\n") == 1);
  }

  TEST_CASE("one that is not there, or that nobody can execute, fails the init") {
    const Scene scene("#!/nonexistent/shell\n");
    RuntimeOptions options = scene.options("fork");
    check_refusal(options, "No such file or directory");
    options.environment["AWS_LAMBDA_EXEC_WRAPPER"] = scene.folder() + "/none";
    check_refusal(options, "No such file or directory");
    options.environment["AWS_LAMBDA_EXEC_WRAPPER"] = scene.folder() + "/index.php";
    check_refusal(options, "Permission denied");
    options.environment["AWS_LAMBDA_EXEC_WRAPPER"] = scene.folder();
    check_refusal(options, "expected an executable file");
  }

  TEST_CASE("the emulator passes the variable on") {
    const Scene scene(std::string("#!/bin/sh\n") + kTellArguments + "exec \"$@\"\n");
    const testing::Served served(scene.folder(), {},
                                 {{"AWS_LAMBDA_EXEC_WRAPPER", scene.wrapper()}});
    const emulator::HttpReply reply = served.call();
    CHECK_MESSAGE(contains(reply.body, "1 time"), reply.body);
  }

  TEST_CASE("asking for the version starts no wrapper") {
    const testing::Finished told =
        testing::run_program(testing::program("bootstrap"), {"--version"},
                             {{"AWS_LAMBDA_EXEC_WRAPPER", "/nonexistent/wrapper"}});
    CHECK(told.status.clean());
  }
}
