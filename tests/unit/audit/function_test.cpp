// SPDX-License-Identifier: MIT
#include "audit/function.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;
using namespace std::chrono_literals;
using emulator::Ending;
using emulator::FunctionConfig;

namespace {

emulator::EventResult result(Ending ending, std::string body, std::string error_type) {
  return {ending, std::move(body), std::move(error_type), "application/json"};
}

}  // namespace

TEST_CASE("an entry that names the probe is the probe") {
  CHECK(names_probe("<?php return new Phork\\Audit\\Probe();"));
  CHECK(names_probe("<?php return require __DIR__ . '/../../audit/probe/index.php';"));
  CHECK_FALSE(names_probe("<?php return new App\\Audit();"));
  CHECK_FALSE(names_probe(""));
}

TEST_CASE("the probe runs with the user's settings except those of the entry") {
  FunctionConfig user;
  user.task_root = "/app";
  user.handler = "index.php";
  user.memory_mb = 512;
  user.environment = {
      "PHP_INI_SCAN_DIR=/ini",     "PHORK_PREBOOT=boot.php", "PHORK_ENTRY=script",
      "PHORK_WARMUP=GET /",        "PHORK_MAX_EVENTS=5",     "PHORK_ROUTE=files",
      "PHORK_AUDIT_RECORD=/tmp/r", "PHORK_RESPONSE=stream",  "PHORK_AUDIT_PROBE=/p"};
  const FunctionConfig probe = probe_function(user, "/usr/share/phork/probe/index.php");
  CHECK(probe.task_root == "/usr/share/phork/probe");
  CHECK(probe.handler == "index.php");
  CHECK(probe.memory_mb == 512);
  CHECK(probe.environment ==
        std::vector<std::string>{"PHP_INI_SCAN_DIR=/ini", "PHORK_MAX_EVENTS=5"});
}

TEST_CASE("an event of the probe takes at most ten seconds") {
  FunctionConfig user;
  user.timeout = 900s;
  CHECK(probe_function(user, "/p/index.php").timeout == 10s);
  user.timeout = 3s;
  CHECK(probe_function(user, "/p/index.php").timeout == 3s);
}

TEST_CASE("the strategy under audit replaces the user's own") {
  FunctionConfig user;
  user.environment = {"PHORK_STRATEGY=exec"};
  CHECK(under_strategy(user, "fork").environment ==
        std::vector<std::string>{"PHORK_STRATEGY=fork"});
}

TEST_CASE("an answer is its body") {
  const auto answer = read_result(result(Ending::kAnswered, "7", ""));
  REQUIRE(answer.ok());
  CHECK(answer.value() == "7");
}

TEST_CASE("an error is read as its type and message, without the request id") {
  const auto thrown =
      read_result(result(Ending::kFailed, R"({"errorType":"DomainException","errorMessage":"no"})",
                         "DomainException"));
  REQUIRE_FALSE(thrown.ok());
  CHECK(thrown.error().kind == base::ErrorKind::kRefused);
  CHECK(thrown.error().text == "DomainException: no");
  const auto ended =
      read_result(emulator::platform_error(Ending::kExited, "1-2-3", "Runtime.ExitError", "gone"));
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error().text == "Runtime.ExitError: gone");
  const auto garbled =
      read_result(result(Ending::kFailed, "oops", "Function.ResponseSizeTooLarge"));
  REQUIRE_FALSE(garbled.ok());
  CHECK(garbled.error().text == "Function.ResponseSizeTooLarge");
}

TEST_CASE("a timeout and a stop have their own kinds of error") {
  const auto late =
      read_result(emulator::platform_error(Ending::kTimedOut, "1", "Sandbox.Timedout", "late"));
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().kind == base::ErrorKind::kTimeout);
  const auto stopped =
      read_result(emulator::platform_error(Ending::kNotServed, "1", "Emulator.Stopped", "end"));
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().kind == base::ErrorKind::kStopped);
}
