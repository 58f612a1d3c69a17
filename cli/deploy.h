// SPDX-License-Identifier: MIT
//
// `phork deploy`: writes a template for AWS with its packages into a folder and prints the commands
// that deploy them; with --yes it runs these, too. The commands go to stdout, everything else to
// stderr. docs/deploy.md shows it.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "runtime/base/program.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::cli {

struct DeployOptions {
  std::string directory = ".";
  std::string handler;        // empty: found in the environment or the directory
  std::string template_name;  // empty: http, or image with --image
  bool image = false;
  bool zip = false;
  std::vector<std::string> variables;    // NAME=VALUE, of the template
  std::vector<std::string> environment;  // NAME=VALUE, for `phork package`
  std::string stack;                     // empty: the name of the directory
  std::string region;
  std::string bucket;
  std::string layer;                 // a zip that is there already; empty: make one
  std::vector<std::string> with;     // extensions of the layer that is made
  std::vector<std::string> without;  // and those that it leaves out
  bool skips_compilation = false;
  std::string base_image = "phork:php" + base::php_version();
  std::string output = "phork-deploy";
  bool yes = false;

  void add_to(CLI::App& command);
};

ExitCode deploy(const DeployOptions& options);

}  // namespace phork::cli
