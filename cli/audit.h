// SPDX-License-Identifier: MIT
//
// `phork audit`: what survives an event, under each strategy, with the probe application and with
// the user's own. A table and a conclusion on stdout, progress on stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/function_options.h"

namespace phork::cli {

struct AuditOptions {
  FunctionOptions function;  // its strategy may be a list
  std::vector<std::string> event_files;
  std::vector<std::string> requests;
  std::vector<std::string> kinds;
  std::string json_file;  // empty: none
  bool verbose = false;

  void add_to(CLI::App& command);
};

ExitCode audit(const AuditOptions& options);

}  // namespace phork::cli
