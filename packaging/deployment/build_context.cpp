// SPDX-License-Identifier: MIT
#include "packaging/deployment/build_context.h"

#include <string_view>
#include <system_error>
#include <utility>

#include "packaging/function/selection.h"

namespace phork::packaging {

namespace fs = std::filesystem;

std::string pattern_inside(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(fs::absolute(folder), error);
  const std::string inner =
      fs::weakly_canonical(fs::absolute(path), error).lexically_relative(root).string();
  if (error || inner.empty() || inner == "." || inner.starts_with("..")) return "";
  std::string pattern = "/";
  for (const char letter : inner) {
    if (std::string_view("*?[\\").find(letter) != std::string_view::npos) pattern += '\\';
    pattern += letter;
  }
  return pattern;
}

std::string ignore_file(std::string usual, const fs::path& application, const fs::path& output) {
  for (const std::string& pattern : framework_defaults(application)) usual += "!" + pattern + "\n";
  const std::string own = pattern_inside(application, output);
  return own.empty() ? usual : std::move(usual) + own + "\n";
}

}  // namespace phork::packaging
