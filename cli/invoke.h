// SPDX-License-Identifier: MIT
//
// `phork invoke`: one event, its answer on stdout (a streamed one while it comes), everything else
// on stderr.
#pragma once

#include <string>

#include "cli/exit_code.h"
#include "cli/function_options.h"

namespace phork::cli {

struct InvokeOptions {
  FunctionOptions function;
  std::string event_file;  // empty: the event is {}; "-": stdin

  void add_to(CLI::App& command);
};

ExitCode invoke(const InvokeOptions& options);

}  // namespace phork::cli
