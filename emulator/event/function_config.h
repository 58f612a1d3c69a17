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

// Of an AWS account; empty when there are none.
struct AwsKeys {
  std::string id;
  std::string secret;
  std::string session;
};

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
  // Start environments as Lambda's SnapStart does: init, snapshot, restore.
  bool snap_start = false;
  // Between snapshot and restore all processes are stopped for so long.
  std::chrono::milliseconds snapshot_age{0};
  std::vector<std::string> environment;  // the user's variables, NAME=VALUE
  std::vector<Fault> faults;             // to inject
  // Log only what the function prints in events, without the time, id and level of bootstrap's text
  // format, and what is at level WARN or worse.
  bool bare_log = false;
  // Also print the runtime's metrics lines, which are otherwise only counted.
  bool print_metrics = false;

  // The user's variables, which also name the region of the function, as they do for the SDKs.
  void take_environment(std::vector<std::string> variables);
  std::string arn() const;
  // Of the user's variables.
  AwsKeys keys() const;
  // The value of AWS_LAMBDA_INITIALIZATION_TYPE.
  std::string_view initialization_type() const;
};

// The runtime's environment variables: the user's, without reserved names, and Lambda's. The
// region, TZ and LANG are Lambda's only if the user has not set them: a function may run in any
// region, and may set the others.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
std::vector<std::string> runtime_environment(const FunctionConfig& config,
                                             std::string_view runtime_api,
                                             std::string_view log_stream = "local/[$LATEST]phork");

// In the place of some of them, for an environment that is to become a snapshot: it has no log
// stream yet, and its credentials come from an endpoint.
void set_snapshot_variables(std::vector<std::string>& environment, const std::string& endpoint,
                            const std::string& token);

// The name for a new environment's log stream: "2026/01/31/[$LATEST]" and 32 hexadecimal digits.
std::string make_log_stream();

}  // namespace phork::emulator
