// SPDX-License-Identifier: MIT
#include "tests/support/scratch_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <doctest/doctest.h>

namespace phork::testing {

namespace fs = std::filesystem;

ScratchFolder::ScratchFolder() : path_((fs::temp_directory_path() / "phork-test-XXXXXX").string()) {
  REQUIRE(::mkdtemp(path_.data()) != nullptr);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string ScratchFolder::write(std::string_view name, std::string_view content) const {
  std::string path = file(name);
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << content;
  REQUIRE(stream.good());
  return path;
}

std::string ScratchFolder::read(std::string_view name) const {
  std::ifstream stream(file(name), std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

std::string ScratchFolder::make_folder(std::string_view name) const {
  fs::create_directories(file(name));
  return file(name);
}

void ScratchFolder::remove(std::string_view name) const {
  fs::remove(file(name));
}

bool ScratchFolder::has(std::string_view name) const {
  return fs::exists(file(name));
}

int ScratchFolder::count_files(std::string_view folder) const {
  const fs::recursive_directory_iterator all(file(folder));
  return static_cast<int>(std::count_if(begin(all), end(all), [](const fs::directory_entry& entry) {
    return !entry.is_directory();
  }));
}

std::string scan_also(const std::string& folder) {
  // An empty name before the colon means the folder that PHP was built with.
  return ":" + folder;
}

}  // namespace phork::testing
