// SPDX-License-Identifier: MIT
//
// `phork console`: runs a command of the application's console as the function would on Lambda.
#pragma once

#include <string>
#include <vector>

#include "cli/function_options.h"

namespace phork::cli {

struct ConsoleOptions {
  FunctionOptions function;
  std::vector<std::string> arguments;  // of the command

  void add_to(CLI::App& command);
};

// Prints what the command prints, both of its streams, to stdout while it runs, byte for byte.
// Returns its exit code, one of phork's own when it could not run, or 128 and the number of the
// signal that stopped it.
int console(const ConsoleOptions& options);

}  // namespace phork::cli
