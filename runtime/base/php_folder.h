// SPDX-License-Identifier: MIT
//
// Where our PHP files lie: beside the programs, in the build directory, in a layer and where phork
// is installed. No program knows another path, so that the folder can be moved.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace phork::base {

// A folder beside `program`, with its links resolved, because PHP names its files so. Where there
// is none, the path at which it was expected.
inline std::string folder_beside(const std::filesystem::path& program, const char* name) {
  std::error_code missing;
  const std::filesystem::path expected = program.parent_path() / name;
  const std::filesystem::path found = std::filesystem::canonical(expected, missing);
  return missing ? expected.string() : found.string();
}

// The library that runs applications. `program` is the path of one of our programs.
inline std::string php_folder(const std::filesystem::path& program) {
  return folder_beside(program, "php");
}

// The probe of the auditor. A layer has none.
inline std::string probe_folder(const std::filesystem::path& program) {
  return folder_beside(program, "audit/probe");
}

}  // namespace phork::base
