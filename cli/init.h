// SPDX-License-Identifier: MIT
//
// `phork init`: writes the files that a project lacks to run on phork. No file is overwritten.
#pragma once

#include <string>

#include "cli/command.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

struct InitOptions {
  std::string kind;  // empty: by the files that there are
  std::string directory = ".";

  void add_to(CLI::App& command);
};

// Prints a line for each file that was written or kept.
ExitCode init(const InitOptions& options);

}  // namespace phork::cli
