// SPDX-License-Identifier: MIT
//
// The arguments that commands which run a function have in common, and the function they describe.
#pragma once

#include <string>
#include <vector>

#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

struct FunctionOptions {
  std::string directory = ".";
  std::string handler;    // empty: found in the environment or the directory
  std::string strategy;   // empty: the runtime's own default
  std::string bootstrap;  // empty: next to this executable
  unsigned memory_mb = 1024;
  bool enforce_memory = false;  // memory_mb was asked for, so it is what the function gets
  unsigned timeout_s = 30;
  unsigned concurrency = 1;
  unsigned idle_timeout_s = 0;  // 0: never
  bool freeze = false;
  std::vector<emulator::Fault> faults;

  void add_to(CLI::App& command);
  // What shall go wrong.
  void add_faults_to(CLI::App& command);
  // Those about environments, for commands that may have more than one.
  void add_environments_to(CLI::App& command);
  // kInvalid when the directory, the handler or the runtime is not there.
  base::Result<emulator::FunctionConfig> resolve() const;
  // What to call the strategy before the runtime has said so.
  std::string strategy_label() const;
};

}  // namespace phork::cli
