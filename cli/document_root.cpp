// SPDX-License-Identifier: MIT
#include "cli/document_root.h"

#include <filesystem>
#include <utility>

#include "cli/command.h"
#include "runtime/lambda/handler_path.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using emulator::DocumentRoot;
using emulator::FunctionConfig;
using Found = base::Result<std::optional<DocumentRoot>>;

constexpr const char* kPublic = "public";

// Relative to the task root where it lies in it, as people name it.
DocumentRoot document_root(const fs::path& folder, const FunctionConfig& config, bool for_pages) {
  const fs::path relative = folder.lexically_relative(config.task_root);
  const bool inside = !relative.empty() && *relative.begin() != "..";
  std::string name = (inside && relative != "." ? relative : folder).string();
  if (!name.ends_with('/')) name.push_back('/');
  return {folder.string(), std::move(name), for_pages};
}

}  // namespace

Found find_document_root(const std::string& given, const FunctionConfig& config) {
  std::error_code error;
  if (!given.empty()) {
    const fs::path folder = fs::canonical(fs::path(config.task_root) / given, error);
    if (error || !fs::is_directory(folder, error)) {
      return invalid("find document root", (fs::path(config.task_root) / given).string(),
                     "expected a folder, got " + std::string(error ? "none" : "a file") +
                         "; --assets names one in DIR, --no-assets serves none");
    }
    return std::optional(document_root(folder, config, true));
  }
  const fs::path usual = fs::path(config.task_root) / kPublic;
  if (fs::is_directory(usual, error)) return std::optional(document_root(usual, config, true));
  const base::Result<lambda::Entry> entry =
      lambda::resolve_handler(config.handler, config.task_root);
  if (!entry) return std::optional<DocumentRoot>();
  const fs::path folder = fs::weakly_canonical(entry->file, error).parent_path();
  if (error) return std::optional<DocumentRoot>();
  return std::optional(document_root(folder, config, false));
}

}  // namespace phork::cli
