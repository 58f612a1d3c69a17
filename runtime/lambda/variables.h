// SPDX-License-Identifier: MIT
//
// The variables that Lambda reserves, read once at start-up and typed. Only what is missing or
// malformed beyond repair is an error; its text names the variable, never its value.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/log.h"
#include "runtime/base/result.h"

namespace phork::lambda {

struct Endpoint {
  std::string host;
  int port = 0;

  std::string text() const { return host + ':' + std::to_string(port); }
};

// "127.0.0.1:9001" as AWS_LAMBDA_RUNTIME_API gives it; kInvalid otherwise.
base::Result<Endpoint> parse_endpoint(std::string_view text);

using base::LogFormat;

struct Variables {
  Endpoint runtime_api;
  std::string handler;    // _HANDLER; may be empty, a flag can replace it
  std::string task_root;  // the working directory where Lambda names none, as its emulator does
  std::string function_name;
  int memory_mb = 0;  // 0: not told
  // Set where several events are served at once (Lambda Managed Instances), even when it is 1.
  std::optional<int> max_concurrency;
  LogFormat log_format = LogFormat::kText;
  base::LogLevel log_level = base::LogLevel::kInfo;
};

base::Result<Variables> read_variables();

}  // namespace phork::lambda
