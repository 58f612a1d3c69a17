// SPDX-License-Identifier: MIT
#include "runtime/lambda/variables.h"

#include <algorithm>
#include <filesystem>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;

std::optional<int> parse_positive(std::string_view text) {
  const auto number = base::parse_number<int>(text);
  return number && *number > 0 ? number : std::nullopt;
}

// An unknown word means the default: a log setting is no reason not to serve events.
LogLevel parse_log_level(const std::string& word) {
  for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
    const std::string_view name = base::log_level_name(static_cast<LogLevel>(level));
    if (base::equal_in_any_case(word, name)) return static_cast<LogLevel>(level);
  }
  return LogLevel::kInfo;
}

std::string working_directory() {
  std::error_code ignored;
  return std::filesystem::current_path(ignored).string();
}

Error invalid(const char* name, const char* expected) {
  return Error{ErrorKind::kInvalid,
               "lambda: read variable '" + std::string(name) + "': expected " + expected};
}

}  // namespace

base::Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    const auto port = parse_positive(text.substr(colon + 1));
    if (port && *port <= 65535) return Endpoint{std::string(text.substr(0, colon)), *port};
  }
  return Error{ErrorKind::kInvalid, "lambda: parse endpoint: expected host:port"};
}

base::Result<Variables> read_variables() {
  Variables found;
  const std::string endpoint = base::variable("AWS_LAMBDA_RUNTIME_API");
  if (endpoint.empty()) {
    return invalid("AWS_LAMBDA_RUNTIME_API",
                   "host:port of the Runtime API, got nothing; this program is started by Lambda");
  }
  auto runtime_api = parse_endpoint(endpoint);
  if (!runtime_api) return invalid("AWS_LAMBDA_RUNTIME_API", "host:port, got something else");
  found.runtime_api = std::move(runtime_api).value();

  const std::string concurrency = base::variable("AWS_LAMBDA_MAX_CONCURRENCY");
  if (!concurrency.empty()) {
    found.max_concurrency = parse_positive(concurrency);
    if (!found.max_concurrency) {
      return invalid("AWS_LAMBDA_MAX_CONCURRENCY", "a number from 1, got something else");
    }
  }

  found.handler = base::variable("_HANDLER");
  found.task_root = base::variable("LAMBDA_TASK_ROOT");
  if (found.task_root.empty()) found.task_root = working_directory();
  found.function_name = base::variable("AWS_LAMBDA_FUNCTION_NAME");
  found.memory_mb = parse_positive(base::variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")).value_or(0);
  // Lambda says "JSON"; the emulator of Managed Instances says "json".
  const bool json = base::equal_in_any_case(base::variable("AWS_LAMBDA_LOG_FORMAT"), "json");
  found.log_format = json ? LogFormat::kJson : LogFormat::kText;
  found.log_level = parse_log_level(base::variable("AWS_LAMBDA_LOG_LEVEL"));
  return found;
}

}  // namespace phork::lambda
