// SPDX-License-Identifier: MIT
//
// The function under emulation: what to start, and what Lambda would have been told about it.
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
  unsigned memory_mb = 1024;
  std::chrono::milliseconds timeout{30'000};
  // Lambda gives an init 10 s before it begins anew under the function's own timeout.
  std::chrono::milliseconds init_timeout{10'000};
  // Of one execution environment each; a free one takes the event, else another is started.
  unsigned concurrency = 1;
  // Without an event for so long, an environment ends; zero: never.
  std::chrono::milliseconds idle_timeout{0};
  // Give the environment no more CPU and memory than memory_mb buys.
  bool enforce_memory = false;
  // Let nothing of an environment run between two events.
  bool freeze = false;
  std::vector<std::string> environment;  // NAME=VALUE: the user's own, to which Lambda's are added
  std::vector<Fault> faults;             // to inject
  // Print the runtime's metrics lines too, instead of only counting what they say.
  bool print_metrics = false;

  std::string arn() const;
};

// What the runtime sees: the user's variables without those that Lambda reserves, and Lambda's.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
std::vector<std::string> runtime_environment(const FunctionConfig& config,
                                             std::string_view runtime_api,
                                             std::string_view log_stream = "local/[$LATEST]phork");

// Of a fresh environment: "2026/01/31/[$LATEST]" and 32 hexadecimal digits.
std::string make_log_stream();

}  // namespace phork::emulator
