// SPDX-License-Identifier: MIT
//
// The first half of `phork deploy`: it reads and checks everything, and writes nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/deploy.h"
#include "packaging/deployment/commands.h"
#include "runtime/base/result.h"

namespace phork::cli {

// All that the second half needs to know.
struct Preparation {
  std::filesystem::path program;  // this one
  std::string text;               // of the template
  packaging::Deployment deployment;
  std::filesystem::path templates;  // their folder
  std::string layer;                // a zip to use; empty: make one
  std::vector<std::string> layer_arguments;
  std::vector<std::string> package_arguments;
};

// kInvalid for the first option that does not fit the application, the template or the others.
base::Result<Preparation> prepare(const DeployOptions& options);

}  // namespace phork::cli
