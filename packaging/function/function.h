// SPDX-License-Identifier: MIT
//
// The package of an application for Lambda: its files from a copy, which is prepared for a
// read-only folder and compiled. The application's own folder is only read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/archive/scratch.h"
#include "packaging/archive/size_report.h"
#include "packaging/function/selection.h"
#include "runtime/base/result.h"

namespace phork::packaging {

struct FunctionOptions {
  std::filesystem::path directory;  // absolute
  std::string handler;
  std::filesystem::path layer;     // the zip of the layer that it will run in; "" for none
  std::filesystem::path programs;  // phork's, to compile with without a layer
  Selection selection;
  std::vector<std::string> environment;  // of the function, NAME=VALUE
  bool prepares = true;
  bool compiles = true;
};

struct FunctionPackage {
  Facts facts;
  std::vector<Entry> entries;
};

// Logs what it leaves out and what it runs, as lines for a person.
base::Result<FunctionPackage> make_function(const FunctionOptions& options, Scratch& scratch);

}  // namespace phork::packaging
