// SPDX-License-Identifier: MIT
#include "emulator/event/function_config.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "emulator/event/event.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {
namespace {

bool is_reserved(std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('='));
  return name.starts_with("AWS_LAMBDA_") || name == "_HANDLER" || name == "_X_AMZN_TRACE_ID" ||
         name == "LAMBDA_TASK_ROOT" || name == "LAMBDA_RUNTIME_DIR" ||
         name.starts_with("_LAMBDA_TELEMETRY_LOG_FD");
}

// Names in Lambda's own space that hold a choice of the user.
bool is_user_choice(std::string_view entry) {
  return entry.starts_with("AWS_LAMBDA_LOG_FORMAT=") ||
         entry.starts_with("AWS_LAMBDA_LOG_LEVEL=") ||
         entry.starts_with("AWS_LAMBDA_EXEC_WRAPPER=");
}

std::optional<std::string_view> find_variable(const std::vector<std::string>& environment,
                                              const std::string& name) {
  const std::string start = name + "=";
  const auto found = std::ranges::find_if(
      environment, [&start](const std::string& entry) { return entry.starts_with(start); });
  if (found == environment.end()) return std::nullopt;
  return std::string_view(*found).substr(start.size());
}

bool is_region(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
  });
}

}  // namespace

void FunctionConfig::take_environment(std::vector<std::string> variables) {
  environment = std::move(variables);
  for (const char* variable : {"AWS_DEFAULT_REGION", "AWS_REGION"}) {
    const std::string_view stated = find_variable(environment, variable).value_or("");
    if (is_region(stated)) region = stated;
  }
}

std::string FunctionConfig::arn() const {
  return "arn:aws:lambda:" + region + ":123456789012:function:" + name;
}

AwsKeys FunctionConfig::keys() const {
  const auto value = [this](const char* variable) {
    return std::string(find_variable(environment, variable).value_or(""));
  };
  return {value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN")};
}

std::string_view FunctionConfig::initialization_type() const {
  if (slots > 0) return "lambda-managed-instances";
  return snap_start ? "snap-start" : "on-demand";
}

void set_snapshot_variables(std::vector<std::string>& environment, const std::string& endpoint,
                            const std::string& token) {
  constexpr std::array<std::string_view, 6> kAbsent{
      "AWS_LAMBDA_LOG_GROUP_NAME=", "AWS_LAMBDA_LOG_STREAM_NAME=", "AWS_ACCESS_KEY=",
      "AWS_ACCESS_KEY_ID=",         "AWS_SECRET_ACCESS_KEY=",      "AWS_SESSION_TOKEN="};
  std::erase_if(environment, [&](const std::string& entry) {
    return std::ranges::any_of(kAbsent, [&](auto start) { return entry.starts_with(start); });
  });
  process::set_variable(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint);
  process::set_variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN", token);
}

std::vector<std::string> runtime_environment(const FunctionConfig& config,
                                             std::string_view runtime_api,
                                             std::string_view log_stream) {
  std::vector<std::string> environment = config.environment;
  std::erase_if(environment, [](const std::string& entry) {
    return is_reserved(entry) && !is_user_choice(entry);
  });
  const auto set = [&environment](const std::string& name, std::string_view value) {
    process::set_variable(environment, name, std::string(value));
  };
  set("_HANDLER", config.handler);
  set("LAMBDA_TASK_ROOT", config.task_root);
  set("AWS_LAMBDA_RUNTIME_API", runtime_api);
  set("AWS_LAMBDA_FUNCTION_NAME", config.name);
  set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
  set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(config.memory_mb));
  set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + config.name);
  set("AWS_LAMBDA_LOG_STREAM_NAME", log_stream);
  set("AWS_LAMBDA_INITIALIZATION_TYPE", config.initialization_type());
  if (config.slots > 0) set("AWS_LAMBDA_MAX_CONCURRENCY", std::to_string(config.slots));
  const auto set_default = [&environment](const std::string& name, std::string_view value) {
    if (!find_variable(environment, name)) {
      process::set_variable(environment, name, std::string(value));
    }
  };
  set_default("AWS_REGION", config.region);
  set_default("AWS_DEFAULT_REGION", config.region);
  set_default("TZ", ":UTC");
  set_default("LANG", "en_US.UTF-8");
  return environment;
}

std::string make_log_stream() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> day{};
  std::strftime(day.data(), day.size(), "%Y/%m/%d/[$LATEST]", &utc);
  std::string id = make_uuid();
  std::erase(id, '-');
  return day.data() + id;
}

}  // namespace phork::emulator
