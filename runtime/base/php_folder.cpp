// SPDX-License-Identifier: MIT
#include "runtime/base/php_folder.h"

namespace phork::base {

std::string php_folder(const std::filesystem::path& program) {
  std::error_code ignored;
  const std::filesystem::path beside = program.parent_path() / "php";
  return std::filesystem::is_directory(beside, ignored) ? beside.string() : PHORK_PHP_FOLDER;
}

std::string probe_folder(const std::filesystem::path& program) {
  std::error_code ignored;
  const std::filesystem::path php = php_folder(program);
  const std::filesystem::path beside = php.parent_path() / "audit/probe";
  return std::filesystem::is_directory(beside, ignored) ? beside.string() : PHORK_PROBE_FOLDER;
}

}  // namespace phork::base
