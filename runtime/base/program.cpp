// SPDX-License-Identifier: MIT
#include "runtime/base/program.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace phork::base {
namespace {

constexpr const char* kServerFolders = "/usr/local/sbin:/usr/sbin:/sbin:/opt/bin:/opt/sbin";

}  // namespace

bool is_program(const std::string& path) {
  std::error_code ignored;
  return ::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path, ignored);
}

std::string program_folders(const std::string& path) {
  return path + ":" + kServerFolders;
}

std::string find_program(const std::vector<std::string>& names, const std::string& path) {
  const std::string folders = program_folders(path);
  for (const std::string& name : names) {
    for (std::size_t begin = 0; begin <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', begin), folders.size());
      std::string file = folders.substr(begin, end - begin) + '/' + name;
      // For a shell an empty folder is the current one, where anyone may have put a program.
      if (end > begin && is_program(file)) return file;
      begin = end + 1;
    }
  }
  return {};
}

std::string php_version() {
  return PHORK_PHP;
}

std::vector<std::string> php_program_names(const std::string& program) {
  return {program + php_version(), program};
}

}  // namespace phork::base
