// SPDX-License-Identifier: MIT
//
// `phork audit`: shows the state that survives an event under each strategy, with the probe
// application and with the user's own. The table and the conclusion go to stdout, progress to
// stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/function_options.h"

namespace phork::cli {

struct AuditOptions {
  FunctionOptions function;  // `strategy` may be a list
  std::vector<std::string> event_files;
  std::vector<std::string> requests;
  std::vector<std::string> kinds;
  std::string json_file;  // empty: none
  bool verbose = false;

  void add_to(CLI::App& command);
};

ExitCode audit(const AuditOptions& options);

}  // namespace phork::cli
