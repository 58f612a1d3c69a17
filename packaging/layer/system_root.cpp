// SPDX-License-Identifier: MIT
#include "packaging/layer/system_root.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "runtime/base/text.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kStatusFile = "/var/lib/dpkg/status";
constexpr const char* kListFolder = "/var/lib/dpkg/info";
constexpr int kMostLinks = 40;  // as the kernel

// Packages of Debian 12 name files below /lib which lie in /usr/lib.
std::string without_usr(const std::string& path) {
  constexpr std::string_view kUsr = "/usr/";
  return path.starts_with(kUsr) ? path.substr(kUsr.size() - 1) : path;
}

// Calls `visit` with each line, without its end.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "libc6 (>= 2.36), a:any | b" => libc6, a, b
std::vector<std::string> package_names(std::string_view field) {
  std::vector<std::string> names;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find_first_of(",|"), field.size());
    const std::string_view name = base::trim(field.substr(0, end));
    names.emplace_back(name.substr(0, name.find_first_of(" (:")));
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return names;
}

}  // namespace

Result<SystemRoot> SystemRoot::open(const fs::path& folder, const Architecture& architecture) {
  std::error_code error;
  SystemRoot root(fs::canonical(folder, error), architecture);
  const fs::path status = error ? fs::path() : root.find(kStatusFile);
  if (status.empty()) {
    return Error{ErrorKind::kInvalid, "packaging: open root '" + folder.string() +
                                          "': expected a Debian system, with " + kStatusFile};
  }
  const auto text = read_file(status, "packaging: read packages");
  if (!text) return text.error();
  root.read_packages(text.value());
  if (auto read = root.read_owners(); !read) return read.error();
  return root;
}

// https://www.debian.org/doc/debian-policy/ch-controlfields.html
void SystemRoot::read_packages(const std::string& status) {
  DebianPackage package;
  const auto keep = [&] {
    if (package.source.empty()) package.source = package.name;
    if (!package.name.empty()) packages_[package.name] = package;
    package = {};
  };
  for_each_line(status, [&](std::string_view line) {
    if (line.empty()) return keep();
    const std::size_t colon = line.find(':');
    if (line.front() == ' ' || colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon);
    const std::string value(base::trim(line.substr(colon + 1)));
    if (name == "Package") package.name = value;
    if (name == "Version") package.version = value;
    if (name == "Source") package.source = value.substr(0, value.find(' '));
    if (name == "Depends") package.requires_ = package_names(value);
  });
  keep();
}

base::Status SystemRoot::read_owners() {
  constexpr std::string_view kEnding = ".list";
  for (const std::string& name : list(kListFolder)) {
    if (!name.ends_with(kEnding)) continue;
    const auto text =
        read_file(find(std::string(kListFolder) + "/" + name), "packaging: read packages");
    if (!text) return text.error();
    // "libc6:amd64.list", "tzdata.list"
    const std::string owner =
        name.substr(0, std::min(name.find(':'), name.size() - kEnding.size()));
    for_each_line(text.value(), [&](std::string_view path) {
      owners_.emplace(without_usr(std::string(path)), owner);
    });
  }
  return base::ok_status();
}

fs::path SystemRoot::find(const std::string& path) const {
  std::vector<std::string> left;  // parts of the path, the next one last
  const auto push = [&left](const fs::path& more) {
    std::vector<std::string> parts;
    for (const fs::path& part : more) parts.push_back(part.string());
    left.insert(left.end(), parts.rbegin(), parts.rend());
  };
  push(path);
  fs::path inside = "/";
  for (int links = 0; !left.empty();) {
    const std::string part = std::exchange(left.back(), "");
    left.pop_back();
    if (part.empty() || part == "." || part == "/") continue;
    if (part == "..") {
      inside = inside.parent_path();
      continue;
    }
    std::error_code error;
    const fs::path here = folder_ / (inside / part).relative_path();
    const fs::file_status status = fs::symlink_status(here, error);
    if (!fs::exists(status)) return {};
    if (!fs::is_symlink(status)) {
      inside /= part;
      continue;
    }
    if (++links > kMostLinks) return {};
    const fs::path target = fs::read_symlink(here, error);
    if (target.is_absolute()) inside = "/";
    push(target);
  }
  return folder_ / inside.relative_path();
}

std::string SystemRoot::find_library(const std::string& name) const {
  const std::string triplet(architecture_.triplet);
  for (const std::string& folder :
       {"/lib/" + triplet, "/usr/lib/" + triplet, std::string("/lib"), std::string("/usr/lib")}) {
    std::string path = fs::path(folder) / name;
    if (!find(path).empty()) return path;
  }
  return {};
}

std::vector<std::string> SystemRoot::list(const std::string& path) const {
  std::vector<std::string> names;
  const fs::path folder = find(path);
  std::error_code error;
  if (folder.empty()) return names;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

Result<Entry> SystemRoot::take(const std::string& path) const {
  const fs::path file = find(path);
  if (file.empty()) {
    return Error{ErrorKind::kInvalid,
                 "packaging: take '" + path + "' from '" + folder_.string() + "': no such file"};
  }
  auto content = read_file(file, "packaging: read");
  if (!content) return content.error();
  Entry entry;
  entry.content = std::move(content).value();
  entry.origin.file = path;
  if (const DebianPackage* const found = owner(path)) {
    entry.origin.package = found->name;
    entry.origin.version = found->version;
  }
  return entry;
}

const DebianPackage* SystemRoot::owner(const std::string& path) const {
  auto found = owners_.find(without_usr(path));
  if (found == owners_.end()) {
    // A link that a package's script has made; the file that it leads to belongs to the package.
    const fs::path file = find(path);
    if (file.empty()) return nullptr;
    found = owners_.find(without_usr("/" + file.lexically_relative(folder_).string()));
  }
  return found == owners_.end() ? nullptr : package(found->second);
}

const DebianPackage* SystemRoot::package(const std::string& name) const {
  const auto found = packages_.find(name);
  return found == packages_.end() ? nullptr : &found->second;
}

}  // namespace phork::packaging
