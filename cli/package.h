// SPDX-License-Identifier: MIT
//
// `phork package`: makes the zip of a layer or of a function, and prints what it weighs. Everything
// else goes to stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

struct PackageOptions {
  bool layer = false;
  std::string output;
  std::string manifest_file;
  bool json = false;
  // of a function
  std::string directory;
  std::string handler;
  std::string layer_file;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::vector<std::string> environment;
  bool skips_preparation = false;
  bool skips_compilation = false;
  // of a layer
  std::vector<std::string> with;
  std::vector<std::string> without;
  std::string root = "/";
  std::string programs;
  std::string architecture;

  void add_to(CLI::App& command);
};

ExitCode package(const PackageOptions& options);

}  // namespace phork::cli
