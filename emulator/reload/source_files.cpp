// SPDX-License-Identifier: MIT
#include "emulator/reload/source_files.h"

#include <algorithm>
#include <array>

namespace phork::emulator {
namespace {

constexpr std::array<std::string_view, 25> kEndings = {
    ".php", ".phtml", ".inc",  ".ini",  ".twig", ".latte", ".tpl", ".mustache", ".yaml",
    ".yml", ".xml",   ".json", ".neon", ".toml", ".po",    ".mo",  ".xlf",      ".html",
    ".htm", ".js",    ".mjs",  ".cjs",  ".py",   ".rb",    ".sh"};

// Symfony's and Laravel's.
constexpr std::array<std::string_view, 3> kWrittenFolders = {"var", "storage", "bootstrap/cache"};

}  // namespace

bool is_source_file(std::string_view name) {
  if (name == "bootstrap" || name == ".env" || name.starts_with(".env.")) return true;
  if (name.starts_with('.') || name.starts_with('#')) return false;
  return std::ranges::any_of(kEndings,
                             [name](std::string_view ending) { return name.ends_with(ending); });
}

bool may_hold_sources(std::string_view folder) {
  const std::string_view name = folder.substr(folder.rfind('/') + 1);
  if (name.starts_with('.') || name == "node_modules") return false;
  return std::ranges::find(kWrittenFolders, folder) == kWrittenFolders.end();
}

}  // namespace phork::emulator
