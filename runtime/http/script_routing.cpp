// SPDX-License-Identifier: MIT
#include "runtime/http/script_routing.h"

#include <filesystem>
#include <sys/stat.h>
#include <vector>

#include "runtime/base/settings.h"
#include "runtime/http/percent.h"

namespace phork::http {
namespace {

constexpr std::string_view kExtension = ".php";
constexpr std::string_view kIndex = "index.php";

// The script as a URL path. One that lies elsewhere is known by its last name only.
std::string entry_name(const ScriptRouting& routing) {
  const std::string_view file = routing.entry_file;
  const bool below = file.size() > routing.document_root.size() &&
                     file.starts_with(routing.document_root) &&
                     file[routing.document_root.size()] == '/';
  if (below) return std::string(file.substr(routing.document_root.size()));
  return "/" + std::string(file.substr(file.rfind('/') + 1));
}

bool is_file(const std::string& path) {
  struct stat status {};

  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// `/tools/run.php/a/b`: the shortest front part that ends in .php, and what follows.
std::optional<Script> split(const ScriptRouting& routing, const std::string& path) {
  for (std::size_t at = path.find(kExtension); at != std::string::npos;
       at = path.find(kExtension, at + 1)) {
    const std::size_t end = at + kExtension.size();
    if (end < path.size() && path[end] != '/') continue;
    Script script{routing.document_root + path.substr(0, end), path.substr(0, end),
                  path.substr(end)};
    if (is_file(script.filename)) return script;
    return std::nullopt;
  }
  if (!path.ends_with('/')) return std::nullopt;
  Script index{routing.document_root + path + std::string(kIndex), path + std::string(kIndex), ""};
  return is_file(index.filename) ? std::optional(std::move(index)) : std::nullopt;
}

}  // namespace

ScriptRouting routing_of(const std::string& entry_file, base::Route route) {
  std::string root = std::filesystem::path(entry_file).parent_path().string();
  while (root.ends_with('/')) root.pop_back();
  return {entry_file, std::move(root), route};
}

std::optional<std::string> normal_path(std::string_view path) {
  const std::string decoded = percent_decode(path);
  if (decoded.find('\0') != std::string::npos) return std::nullopt;
  std::vector<std::string_view> segments;
  const std::string_view rest = decoded;
  for (std::size_t begin = 1; begin <= rest.size();) {
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    const std::string_view segment = rest.substr(begin, end - begin);
    begin = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string normal;
  for (const std::string_view segment : segments) {
    if (segment.starts_with('.')) return std::nullopt;
    normal.append("/").append(segment);
  }
  if (normal.empty() || rest.ends_with('/')) normal.push_back('/');
  return normal;
}

Script find_script(const ScriptRouting& routing, base::EntryKind kind, std::string_view path) {
  Script entry{routing.entry_file, entry_name(routing), ""};
  const auto normal = normal_path(path);
  if (!normal) return entry;
  if (routing.route == base::Route::kFiles && kind == base::EntryKind::kScript) {
    if (auto script = split(routing, *normal)) return std::move(*script);
  }
  if (normal->starts_with(entry.name + "/")) entry.path_info = normal->substr(entry.name.size());
  return entry;
}

}  // namespace phork::http
