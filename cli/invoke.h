// SPDX-License-Identifier: MIT
//
// `phork invoke`: sends one event and prints its answer to stdout, a streamed answer as it arrives.
// Everything else goes to stderr.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/function_options.h"

namespace phork::cli {

struct InvokeOptions {
  FunctionOptions function;
  std::string event_file;  // empty: the event is {}; "-": stdin

  void add_to(CLI::App& command);
};

ExitCode invoke(const InvokeOptions& options);

}  // namespace phork::cli
