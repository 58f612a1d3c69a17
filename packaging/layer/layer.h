// SPDX-License-Identifier: MIT
//
// A layer for Lambda's provided.al2023, or any other system with a Linux kernel: programs, PHP,
// extensions, all libraries they need down to glibc and its loader, and their data. Nothing of the
// system below is used; docs/packaging.md describes the result.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/archive/scratch.h"
#include "packaging/archive/size_report.h"
#include "packaging/layer/extensions.h"
#include "runtime/base/result.h"

namespace phork::packaging {

struct LayerOptions {
  std::filesystem::path programs;  // the folder with bootstrap, php-worker and php/
  std::filesystem::path root = "/";
  std::string architecture;  // Debian's name; "" takes that of the programs
  ExtensionChoice extensions;
};

struct Layer {
  Facts facts;  // phork's version, PHP's, architecture, extensions
  std::vector<Entry> entries;
};

// Collects and changes the files. `scratch` gets a folder for that.
base::Result<Layer> make_layer(const LayerOptions& options, Scratch& scratch);

}  // namespace phork::packaging
