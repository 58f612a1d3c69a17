// SPDX-License-Identifier: MIT
//
// Where our PHP files lie: beside the programs, in the build directory, in a layer and where phork
// is installed. No program knows another path, so that the folder can be moved.
#pragma once

#include <filesystem>
#include <string>

namespace phork::base {

// The library that runs applications. `program` is the path of one of our programs.
inline std::string php_folder(const std::filesystem::path& program) {
  return (program.parent_path() / "php").string();
}

// The probe of the auditor. A layer has none.
inline std::string probe_folder(const std::filesystem::path& program) {
  return (program.parent_path() / "audit/probe").string();
}

}  // namespace phork::base
