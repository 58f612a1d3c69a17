// SPDX-License-Identifier: MIT
#include "emulator/assets/document_root.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <unistd.h>
#include <utility>

#include "emulator/assets/media_type.h"
#include "runtime/http/percent.h"
#include "runtime/http/script_routing.h"

namespace phork::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnknownType = "application/octet-stream";

// True if the decoded path leaves the folder that it begins in. Servers that only drop the dots
// hide from a developer that a link is wrong.
bool climbs_out(std::string_view path) {
  int depth = 0;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    if (segment.empty() || segment == ".") continue;
    depth += segment == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

bool has_hidden_name(std::string_view path) {
  return path.find("/.") != std::string_view::npos;
}

bool is_file(const std::string& path) {
  struct stat status {};

  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// A path of /proc that is this very file, whatever happens to its name.
std::string proc_path(const base::Fd& file) {
  return "/proc/self/fd/" + std::to_string(file.get());
}

// The real path of an open file below `folder`, from the slash on; nullopt if it lies elsewhere.
std::optional<std::string> path_below(const std::string& folder, const base::Fd& file) {
  std::error_code error;
  const std::string root = fs::canonical(folder, error).string();
  if (error) return std::nullopt;
  const std::string real = fs::read_symlink(proc_path(file), error).string();
  if (error) return std::nullopt;
  const std::string_view front = root == "/" ? "" : std::string_view(root);
  if (!real.starts_with(front) || !real.substr(front.size()).starts_with('/')) return std::nullopt;
  return real.substr(front.size());
}

Lookup open_file(const base::Fd& found, const struct stat& status, std::string_view type) {
  // A second open, as the first grants nothing: opening a device or a pipe can have an effect.
  base::Fd file(::open(proc_path(found).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return NoSuchFile{std::string("cannot be read: ") + std::strerror(errno)};
  return FoundFile{std::move(file), status, type};
}

// The type to hand a file out with; "" if it stays with the application.
std::string_view type_of(const DocumentRoot& root, std::string_view path) {
  const std::string_view type = media_type_of(path);
  if (root.for_pages) return type.empty() ? kUnknownType : type;
  const bool is_beside_entry = path.rfind('/') == 0;
  return is_beside_entry && path.ends_with(".json") ? std::string_view() : type;
}

// `path` is decoded and without dots.
Lookup find(const DocumentRoot& root, const std::string& path) {
  if (is_php_name(path)) return NoAsset{};
  const base::Fd found(::open((root.folder + path).c_str(), O_PATH | O_CLOEXEC));

  struct stat status {};

  if (!found.valid() || ::fstat(found.get(), &status) != 0) {
    return NoAsset{::access(root.folder.c_str(), F_OK) != 0};
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  if (!is_folder && !S_ISREG(status.st_mode)) return NoAsset{};
  const std::optional<std::string> real = path_below(root.folder, found);
  if (!real) return NoSuchFile{"a symbolic link leads out of the document root"};
  if (has_hidden_name(*real) || is_php_name(*real)) {
    return NoSuchFile{"a symbolic link leads to a file that is not handed out"};
  }
  if (is_folder) {
    const std::string folder = root.folder + path;
    if (!is_file(folder + "/index.html") || is_file(folder + "/index.php")) return NoAsset{};
    return FoundFolder{http::encode_path(path + '/')};
  }
  const std::string_view type = type_of(root, path);
  if (type.empty()) return NoAsset{};
  return open_file(found, status, type);
}

}  // namespace

Lookup find_asset(const DocumentRoot& root, std::string_view path) {
  const std::string decoded = http::percent_decode(path);
  if (decoded.find('\0') != std::string::npos) return NoSuchFile{"the path has a NUL byte"};
  if (climbs_out(decoded)) return NoSuchFile{"the path leads out of the document root"};
  std::optional<std::string> normal = http::normal_path(path);
  if (!normal) return NoAsset{};
  if (!normal->ends_with('/')) return find(root, *normal);
  if (is_file(root.folder + *normal + "index.php")) return NoAsset{};
  return find(root, *normal + "index.html");
}

}  // namespace phork::emulator
