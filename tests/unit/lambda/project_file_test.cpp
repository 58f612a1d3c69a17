// SPDX-License-Identifier: MIT
#include "runtime/lambda/project_file.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "tests/support/scratch_folder.h"

namespace phork::lambda {
namespace {

// The error for a project file of this text, without its path.
std::string fault_of(const std::string& text) {
  const testing::ScratchFolder folder;
  folder.write(kProjectFile, text);
  const auto project = read_project(folder.path());
  if (project) return "";
  CHECK(project.error().kind == base::ErrorKind::kInvalid);
  const std::string begin = "settings: read " + folder.path() + "/phork.json";
  const std::string& fault = project.error().text;
  CHECK_MESSAGE(fault.starts_with(begin), fault);
  return fault.substr(begin.size());
}

TEST_SUITE("project file") {
  TEST_CASE("all keys are read, and become variables") {
    const testing::ScratchFolder folder;
    folder.write(kProjectFile, R"({
      "handler": "public/index.php",
      "strategy": "rollback",
      "warmup": ["GET /", "GET /a?b=c"],
      "memory": 1024,
      "environment": {"APP_ENV": "prod", "EMPTY": "", "TEXT": "a\u00e9\"\n"}
    })");
    const auto project = read_project(folder.path());
    REQUIRE_MESSAGE(project.ok(), project.error().text);
    const std::vector<std::pair<std::string, std::string>> expected{
        {"_HANDLER", "public/index.php"},
        {"PHORK_STRATEGY", "rollback"},
        {"PHORK_WARMUP", "GET /;GET /a?b=c"},
        {"APP_ENV", "prod"},
        {"EMPTY", ""},
        {"TEXT", "a\u00e9\"\n"}};
    CHECK(project->variables == expected);
    CHECK(project->memory_mb == 1024U);
  }

  TEST_CASE("without a file, and with an empty object, nothing is set") {
    const testing::ScratchFolder folder;
    for (const bool has_file : {false, true}) {
      if (has_file) folder.write(kProjectFile, "{}");
      const auto project = read_project(folder.path());
      REQUIRE(project.ok());
      CHECK(project->variables.empty());
      CHECK_FALSE(project->memory_mb.has_value());
    }
    CHECK(read_project(folder.path() + "/none").ok());
  }

  TEST_CASE("a variable of the environment comes before the file") {
    const testing::ScratchFolder folder;
    folder.write(kProjectFile, R"({"environment": {"PROJECT_A": "file", "PROJECT_B": "file"}})");
    ::setenv("PROJECT_A", "", 1);
    REQUIRE(adopt_project(folder.path()).ok());
    CHECK(base::variable("PROJECT_A").empty());
    CHECK(base::variable("PROJECT_B") == "file");
    ::unsetenv("PROJECT_A");
    ::unsetenv("PROJECT_B");
  }

  TEST_CASE("a mistake is told with its line, and without a value") {
    CHECK(fault_of("") == ":1: expected an object of JSON");
    CHECK(fault_of("[]") == ":1: expected an object of JSON");
    CHECK(fault_of("{\n\"stratgey\": \"fork\"}") ==
          ":2: expected one of handler, strategy, warmup, memory, environment, got 'stratgey': did "
          "you mean strategy?");
    CHECK(fault_of("{\n\n\"handler\": 1}") == ":3: handler: expected text");
    CHECK(fault_of("{\"handler\": \"\"}") == ":1: handler: expected text");
    CHECK(fault_of("{\"memory\": 64}") == ":1: memory: expected megabytes, 128 to 10240");
    CHECK(fault_of("{\"memory\": \"1 GB\"}") == ":1: memory: expected megabytes, 128 to 10240");
    CHECK(fault_of("{\"warmup\": [1]}").ends_with("expected a list of texts such as \"GET /\""));
    CHECK(fault_of("{\"warmup\": [\"GET /;\"]}").ends_with("such as \"GET /\""));
    CHECK(fault_of("{\"environment\": []}") == ":1: environment: expected an object");
    CHECK(fault_of("{\"environment\": {\n\"A\": 1}}") == ":2: environment: A: expected text");
    CHECK(fault_of("{\"environment\": {\"A-B\": \"\"}}") ==
          ":1: environment: expected the name of a variable");
    CHECK(fault_of("{\"environment\": {\"_HANDLER\": \"a\"}}") ==
          ":1: environment: _HANDLER: expected the key 'handler' of the file in its place");
    for (const char* text : {"{\"handler\": \"secret\"", "{\"handler\": \"secret\",}", "{} {}",
                             "{\"handler\" \"secret\"}", "{\"handler\": \"secret\n"}) {
      CAPTURE(text);
      const std::string fault = fault_of(text);
      CHECK_FALSE(fault.empty());
      CHECK(fault.find("secret") == std::string::npos);
    }
  }

  TEST_CASE("a file that cannot be read is told") {
    const testing::ScratchFolder folder;
    folder.make_folder(kProjectFile);
    const auto project = read_project(folder.path());
    REQUIRE_FALSE(project.ok());
  }
}

}  // namespace
}  // namespace phork::lambda
