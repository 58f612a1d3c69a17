// SPDX-License-Identifier: MIT
//
// phork.json, in the folder of an application: what all commands and bootstrap take for granted
// there. Variables of the environment and flags come before it.
//
//   {
//     "handler": "public/index.php",
//     "strategy": "fork",
//     "warmup": ["GET /", "GET /hello/you"],
//     "memory": 1024,
//     "environment": {"APP_ENV": "prod"}
//   }
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace phork::lambda {

inline constexpr const char* kProjectFile = "phork.json";

struct Project {
  std::vector<std::pair<std::string, std::string>> variables;  // of the environment
  std::optional<unsigned> memory_mb;
};

// Reads the project file in `folder`; without one the project is empty. kInvalid has the path, the
// line, what was expected there and what came, but no value of `environment`.
base::Result<Project> read_project(const std::string& folder);

// Reads it, and sets each of its variables that this process has not. Call while there is one
// thread.
base::Result<Project> adopt_project(const std::string& folder);

}  // namespace phork::lambda
