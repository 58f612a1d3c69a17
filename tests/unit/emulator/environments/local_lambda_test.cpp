// SPDX-License-Identifier: MIT
#include "emulator/environments/local_lambda.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <regex>
#include <thread>

#include "tests/support/json.h"
#include "tests/unit/emulator/lambda_fixture.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using Fixture = phork::emulator::test::LambdaFixture;
using phork::testing::Json;

TEST_CASE_FIXTURE(Fixture, "events are answered and logged between START and END, in order") {
  LocalLambda lambda(config(), log, "default");
  REQUIRE(lambda.start().ok());
  CHECK(invoke(lambda, "one").body == "\"one\"");
  CHECK(invoke(lambda, "two").body == "\"two\"");
  lambda.stop();
  const std::vector<std::string> all = lines();
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

TEST_CASE_FIXTURE(Fixture, "in JSON format each of Lambda's own lines is an object") {
  FunctionConfig json = config();
  json.environment.insert(json.environment.begin(), "AWS_LAMBDA_LOG_FORMAT=JSON");
  LocalLambda lambda(json, log, "default");
  REQUIRE(lambda.start().ok());
  lambda.log_error("id", "given up");
  invoke(lambda, "one");
  invoke(lambda, "crash");
  lambda.stop();
  std::string types;
  for (const std::string& line : lines()) {
    const Json object(line.starts_with('{') ? line : R"({"type":"of the runtime"})");
    types += object.text("type") + "; ";
  }
  CHECK(types ==
        "platform.initStart; platform.fault; platform.start; of the runtime; of the runtime; "
        "platform.report; platform.start; platform.fault; platform.runtimeDone; platform.report; ");
  const auto seen = lambda.activity().snapshot(0, 0).log;
  CHECK(std::ranges::count_if(seen, [](const LogLineView& line) {
          return line.text.find(R"("type":"platform.report")") != std::string::npos;
        }) == 2);
}

TEST_CASE_FIXTURE(Fixture, "metrics lines are printed when the user asks for them") {
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

TEST_CASE_FIXTURE(Fixture, "stopping ends the process, even one that ignores SIGTERM") {
  LocalLambda lambda(config("ignore SIGTERM"), log, "default");
  REQUIRE(lambda.start().ok());
  const pid_t pid = std::stoi(invoke(lambda, "pid").body);
  CHECK(::kill(pid, 0) == 0);
  lambda.stop();
  CHECK(::kill(pid, 0) == -1);
  CHECK(invoke(lambda, "x").ending == Ending::kNotServed);
}

TEST_CASE_FIXTURE(Fixture, "a start can be cancelled") {
  LocalLambda lambda(config("hang"), log, "default");
  lambda.request_stop();
  const phork::base::Status started = lambda.start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == phork::base::ErrorKind::kStopped);
}

TEST_CASE_FIXTURE(Fixture, "concurrent callers each get their own answer") {
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
  function.environment = {"PATH=/bin",
                          "MINE=1",
                          "_HANDLER=old",
                          "AWS_LAMBDA_MAX_CONCURRENCY=4",
                          "_X_AMZN_TRACE_ID=x",
                          "AWS_LAMBDA_LOG_FORMAT=JSON",
                          "AWS_LAMBDA_RUNTIME_API=x"};
  const auto environment = runtime_environment(function, "127.0.0.1:9001");
  const auto has = [&environment](const std::string& entry) {
    return std::ranges::count(environment, entry) == 1;
  };
  for (const char* entry :
       {"PATH=/bin", "MINE=1", "_HANDLER=index.php", "AWS_LAMBDA_LOG_FORMAT=JSON", "TZ=:UTC",
        "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001", "LAMBDA_TASK_ROOT=/app", "AWS_REGION=us-east-1",
        "AWS_DEFAULT_REGION=us-east-1", "LANG=en_US.UTF-8", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
        "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand"}) {
    CAPTURE(entry);
    CHECK(has(entry));
  }
  for (const std::string& entry : environment) {
    CHECK_FALSE(entry.starts_with("AWS_LAMBDA_MAX_CONCURRENCY"));
    CHECK_FALSE(entry.starts_with("_X_AMZN_TRACE_ID"));
  }
}

TEST_CASE("region, time zone and language are the user's, where the user has set them") {
  FunctionConfig function;
  function.take_environment({"AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-north-1",
                             "TZ=Europe/Paris", "LANG=de_DE.UTF-8", "LANGUAGE=de"});
  CHECK(function.arn() == "arn:aws:lambda:eu-west-1:123456789012:function:function");
  const auto environment = runtime_environment(function, "127.0.0.1:9001");
  for (const std::string& entry : function.environment) {
    CAPTURE(entry);
    const std::string name = entry.substr(0, entry.find('=') + 1);
    CHECK(std::ranges::count(environment, entry) == 1);
    CHECK(std::ranges::count_if(environment, [&name](const std::string& other) {
            return other.starts_with(name);
          }) == 1);
  }
  FunctionConfig by_default;
  by_default.take_environment({"AWS_DEFAULT_REGION=eu-north-1", "TZ="});
  const auto made = runtime_environment(by_default, "127.0.0.1:9001");
  CHECK(std::ranges::count(made, "AWS_REGION=eu-north-1") == 1);
  CHECK(std::ranges::count(made, "TZ=") == 1);
  FunctionConfig odd;
  odd.take_environment({"AWS_REGION="});
  CHECK(odd.region == "us-east-1");
}
