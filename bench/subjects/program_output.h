// SPDX-License-Identifier: MIT
//
// A program that is run to its end for what it says. Waits for it; one that does not end in time is
// ended.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::bench {

struct ProgramOutput {
  std::string printed;  // on both streams
  std::string file;     // what it wrote to kOutputFile
  std::string ended;    // how, when not well
};

// Where it finds an empty file in memory.
constexpr const char* kOutputFile = "/dev/fd/3";

// The first argument is the program's path.
base::Result<ProgramOutput> run_to_end(const std::vector<std::string>& arguments,
                                       std::chrono::seconds timeout);

}  // namespace phork::bench
