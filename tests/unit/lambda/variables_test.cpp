// SPDX-License-Identifier: MIT
#include "runtime/lambda/variables.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using base::LogLevel;

// Sets these variables and unsets all others that are read, until the end of the case.
class SetVariables : private base::Pinned {
 public:
  SetVariables(std::initializer_list<std::pair<const char*, const char*>> values) {
    clear();
    for (const auto& [name, value] : values) ::setenv(name, value, 1);
  }

  ~SetVariables() { clear(); }

 private:
  static void clear() {
    for (const char* name :
         {"AWS_LAMBDA_RUNTIME_API", "_HANDLER", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_NAME",
          "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
          "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
          "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_LOG_FORMAT",
          "AWS_LAMBDA_LOG_LEVEL"}) {
      ::unsetenv(name);
    }
  }
};

}  // namespace

TEST_SUITE_BEGIN("environment");

TEST_CASE("every variable that is read reaches its field") {
  const SetVariables set({{"AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001"},
                          {"_HANDLER", "index.php"},
                          {"LAMBDA_TASK_ROOT", "/var/task"},
                          {"AWS_LAMBDA_FUNCTION_NAME", "shop"},
                          {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"},
                          {"AWS_LAMBDA_MAX_CONCURRENCY", "16"},
                          {"AWS_LAMBDA_LOG_FORMAT", "json"},
                          {"AWS_LAMBDA_LOG_LEVEL", "DEBUG"}});
  const auto got = read_variables();
  REQUIRE(got.ok());
  CHECK(got->runtime_api.host == "169.254.100.1");
  CHECK(got->runtime_api.port == 9001);
  CHECK(got->runtime_api.text() == "169.254.100.1:9001");
  CHECK(got->handler == "index.php");
  CHECK(got->task_root == "/var/task");
  CHECK(got->function_name == "shop");
  CHECK(got->memory_mb == 1769);
  CHECK(got->max_concurrency == 16);
  CHECK(got->log_format == LogFormat::kJson);
  CHECK(got->log_level == LogLevel::kDebug);
}

TEST_CASE("variables that Lambda does not set have a default") {
  const SetVariables set({{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"}});
  const auto got = read_variables();
  REQUIRE(got.ok());
  CHECK(got->handler.empty());
  CHECK(got->task_root == std::filesystem::current_path().string());
  CHECK(got->memory_mb == 0);
  CHECK_FALSE(got->max_concurrency.has_value());
  CHECK(got->log_format == LogFormat::kText);
  CHECK(got->log_level == LogLevel::kInfo);
}

TEST_CASE("the port follows the last colon of an address") {
  const auto endpoint = parse_endpoint("[::1]:9001");
  REQUIRE(endpoint.ok());
  CHECK(endpoint->host == "[::1]");
  CHECK(endpoint->port == 9001);
}

TEST_CASE("without the address of the Runtime API the environment is refused") {
  for (const char* value :
       {"", "localhost", ":9001", "localhost:", "localhost:0", "h:70000", "h:90a", "h:-1"}) {
    CAPTURE(value);
    const SetVariables set({{"AWS_LAMBDA_RUNTIME_API", value}});
    const auto got = read_variables();
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kInvalid);
    CHECK(got.error().text.find("'AWS_LAMBDA_RUNTIME_API'") != std::string::npos);
  }
}

TEST_CASE("a concurrency of one differs from none, and nonsense is refused") {
  {
    const SetVariables set(
        {{"AWS_LAMBDA_RUNTIME_API", "h:1"}, {"AWS_LAMBDA_MAX_CONCURRENCY", "1"}});
    CHECK(read_variables()->max_concurrency == 1);
  }
  for (const char* value : {"0", "-2", "many", "3x"}) {
    const SetVariables set(
        {{"AWS_LAMBDA_RUNTIME_API", "h:1"}, {"AWS_LAMBDA_MAX_CONCURRENCY", value}});
    const auto got = read_variables();
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().text.find("AWS_LAMBDA_MAX_CONCURRENCY") != std::string::npos);
  }
}

TEST_CASE("log settings are read in any case, and unknown words give the default") {
  const SetVariables set({{"AWS_LAMBDA_RUNTIME_API", "h:1"},
                          {"AWS_LAMBDA_LOG_FORMAT", "JSON"},
                          {"AWS_LAMBDA_LOG_LEVEL", "fatal"}});
  CHECK(read_variables()->log_format == LogFormat::kJson);
  CHECK(read_variables()->log_level == LogLevel::kFatal);
  ::setenv("AWS_LAMBDA_LOG_FORMAT", "Text", 1);
  ::setenv("AWS_LAMBDA_LOG_LEVEL", "loud", 1);
  CHECK(read_variables()->log_format == LogFormat::kText);
  CHECK(read_variables()->log_level == LogLevel::kInfo);
}

TEST_SUITE_END();

}  // namespace phork::lambda
