// SPDX-License-Identifier: MIT
//
// The arguments that all commands share, and the function that they describe.
#pragma once

#include <string>
#include <vector>

#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

// The directory's own path. kInvalid when there is none.
base::Result<std::string> find_directory(const std::string& given);

// `given`, else _HANDLER, else the first file in `directory` with a usual name. kInvalid when there
// is none.
base::Result<std::string> find_handler(const std::string& given, const std::string& directory);

// `given`, else the first console with a usual name, "bin/console" or "artisan", in `directory`.
// kInvalid when there is none.
base::Result<std::string> find_console(const std::string& given, const std::string& directory);

struct FunctionOptions {
  std::string directory = ".";
  std::string handler;          // empty: found in the environment or the directory
  std::string strategy;         // empty: the runtime's own default
  std::string bootstrap;        // empty: next to this executable
  unsigned memory_mb = 1769;    // one whole processor on Lambda
  bool enforce_memory = false;  // memory_mb was given, so it is a limit and not only a number
  unsigned timeout_s = 30;
  unsigned concurrency = 1;
  unsigned idle_timeout_s = 0;  // 0: never
  bool freeze = false;
  bool snap_start = false;
  unsigned snapshot_age_s = 1;
  unsigned slots = 0;  // events at a time in one environment; 0: one, as on Lambda
  std::vector<emulator::Fault> faults;
  std::string extensions;  // folder of external extensions; empty: none

  void add_to(CLI::App& command);
  // For commands that inject faults.
  void add_faults_to(CLI::App& command);
  // For commands that run external extensions.
  void add_extensions_to(CLI::App& command);
  // For commands that can start environments from snapshots.
  void add_snapshots_to(CLI::App& command);
  // For commands that may run more than one environment.
  void add_environments_to(CLI::App& command);
  // kInvalid when the directory, the handler or the runtime does not exist.
  base::Result<emulator::FunctionConfig> resolve() const;
  // The name to show for the strategy before the runtime has reported it.
  std::string strategy_label() const;
};

}  // namespace phork::cli
