// SPDX-License-Identifier: MIT
//
// The configuration of the emulated function, and the environment variables that follow from it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/fault.h"

namespace phork::emulator {

struct FunctionConfig {
  std::string program;                 // path of the runtime
  std::vector<std::string> arguments;  // after argv[0]
  std::string task_root;               // absolute; the runtime's working directory too
  std::string handler;                 // _HANDLER
  std::string name = "function";
  std::string region = "us-east-1";
  unsigned memory_mb = 1769;  // one whole processor on Lambda
  std::chrono::milliseconds timeout{30'000};
  // After this an init starts again, inside the first event and with the function's timeout.
  std::chrono::milliseconds init_timeout{10'000};
  // The most execution environments at a time. One more is started when no free one can take an
  // event.
  unsigned concurrency = 1;
  // Events that one environment serves at a time, as on Lambda Managed Instances; 0: one, as on
  // Lambda.
  unsigned slots = 0;
  // An environment ends after this long without an event; zero: never.
  std::chrono::milliseconds idle_timeout{0};
  // Limit CPU and memory of the environment to what Lambda gives for memory_mb.
  bool enforce_memory = false;
  // Freeze an environment between events.
  bool freeze = false;
  std::string extensions;  // folder of external extensions; empty: none, nor records for others
  std::vector<std::string> environment;  // the user's variables, NAME=VALUE
  std::vector<Fault> faults;             // to inject
  // Also print the runtime's metrics lines, which are otherwise only counted.
  bool print_metrics = false;

  // The user's variables, which also name the region of the function, as they do for the SDKs.
  void take_environment(std::vector<std::string> variables);
  std::string arn() const;

  std::string_view initialization_type() const {
    return slots > 0 ? "lambda-managed-instances" : "on-demand";
  }
};

// The runtime's environment variables: the user's, without reserved names, and Lambda's. The
// region, TZ and LANG are Lambda's only if the user has not set them: a function may run in any
// region, and may set the others.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
std::vector<std::string> runtime_environment(const FunctionConfig& config,
                                             std::string_view runtime_api,
                                             std::string_view log_stream = "local/[$LATEST]phork");

// The name for a new environment's log stream: "2026/01/31/[$LATEST]" and 32 hexadecimal digits.
std::string make_log_stream();

}  // namespace phork::emulator
