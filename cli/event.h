// SPDX-License-Identifier: MIT
//
// `phork event`: prints a sample of an event that AWS sends.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

struct EventOptions {
  std::string kind;  // empty: the names of all samples
  std::vector<std::string> changes;

  void add_to(CLI::App& command);
};

// Prints to stdout.
ExitCode event(const EventOptions& options);

}  // namespace phork::cli
