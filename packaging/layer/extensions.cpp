// SPDX-License-Identifier: MIT
#include "packaging/layer/extensions.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "runtime/base/text.h"

namespace phork::packaging {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// docs/packaging.md says what they bring and why.
constexpr std::array kDefaultGroups{"bcmath",  "common", "curl",    "mbstring", "mysql",
                                    "opcache", "soap",   "sqlite3", "xml",      "zip"};
constexpr const char* kDefaultPriority = "20";
constexpr std::size_t kLongestVersion = 16;

std::string after(std::string_view text, std::string_view prefix) {
  const std::size_t begin = text.find(prefix);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + prefix.size());
  return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

// The paths of the ini files of all extensions. Debian's packages have them below /usr/share, from
// where they are copied to /etc on installation; some have them in /etc only.
std::vector<std::string> ini_files(const SystemRoot& root, const std::string& version) {
  std::vector<std::string> files;
  const auto add = [&](const std::string& folder) {
    for (const std::string& name : root.list(folder)) {
      if (name.ends_with(".ini")) files.push_back(std::filesystem::path(folder) / name);
    }
  };
  for (const std::string& package : root.list("/usr/share")) {
    if (!package.starts_with("php" + version + "-")) continue;
    const std::string folder = "/usr/share/" + package;
    for (const std::string& name : root.list(folder)) add(std::filesystem::path(folder) / name);
  }
  add("/etc/php/" + version + "/mods-available");
  return files;
}

std::string group_of(const SystemRoot& root, const PhpBuild& php, const Extension& extension) {
  const std::string prefix = "php" + php.version + "-";
  const DebianPackage* const package = root.owner(extension.file);
  if (package == nullptr || !package->name.starts_with(prefix)) return extension.name;
  return package->name.substr(prefix.size());
}

Result<std::vector<Extension>> all_extensions(const SystemRoot& root, const PhpBuild& php) {
  std::vector<Extension> extensions;
  std::set<std::string> seen;
  for (const std::string& file : ini_files(root, php.version)) {
    Extension extension;
    extension.name = std::filesystem::path(file).stem().string();
    extension.file = php.extension_folder + "/" + extension.name + ".so";
    if (root.find(extension.file).empty() || !seen.insert(extension.name).second) continue;
    auto ini = root.take(file);
    if (!ini) return ini.error();
    extension.ini = std::move(ini->content);
    const std::string priority = after(extension.ini, "priority=");
    extension.ini_name =
        (priority.empty() ? kDefaultPriority : priority) + "-" + extension.name + ".ini";
    extension.group = group_of(root, php, extension);
    extensions.push_back(std::move(extension));
  }
  std::ranges::sort(extensions, {}, &Extension::ini_name);
  return extensions;
}

bool is_named(const Extension& extension, const std::set<std::string>& names) {
  return names.contains(extension.group) || names.contains(extension.name);
}

Error missing(const SystemRoot& root, const PhpBuild& php, const std::vector<std::string>& names) {
  std::string listed;
  std::string packages;
  std::string words;
  for (const std::string& name : names) {
    listed += (listed.empty() ? "'" : ", '") + name + "'";
    packages.append(" php").append(php.version).append("-").append(name);
    words += (words.empty() ? "" : ",") + name;
  }
  return {ErrorKind::kInvalid, "packaging: extension " + listed + ": not in the PHP " +
                                   php.version + " of '" + root.folder().string() +
                                   "': apt install" + packages + ", or --without " + words};
}

// Adds the groups whose packages those of the chosen ones depend on: redis needs igbinary.
void add_required(const SystemRoot& root, const PhpBuild& php,
                  const std::vector<Extension>& available, std::set<std::string>& names) {
  const std::string prefix = "php" + php.version + "-";
  for (bool added = true; added;) {
    added = false;
    for (const Extension& extension : available) {
      const DebianPackage* const package = root.owner(extension.file);
      if (package == nullptr || !is_named(extension, names)) continue;
      for (const std::string& name : package->requires_) {
        if (!name.starts_with(prefix) || name == prefix + "cli") continue;
        added = names.insert(name.substr(prefix.size())).second || added;
      }
    }
  }
}

}  // namespace

Result<PhpBuild> find_php(const SystemRoot& root, const std::filesystem::path& php_worker) {
  const auto program = read_file(php_worker, "packaging: read program");
  if (!program) return program.error();
  constexpr std::string_view kMark = "php-worker " PHORK_VERSION " (PHP ";
  const std::size_t mark = program->find(kMark);
  if (mark == std::string::npos) {
    return Error{ErrorKind::kInvalid, "packaging: read '" + php_worker.string() +
                                          "': expected the php-worker of phork " PHORK_VERSION};
  }
  const std::string full = program->substr(mark + kMark.size(), kLongestVersion);
  PhpBuild php;
  php.version = full.substr(0, full.find('.', full.find('.') + 1));
  php.library = "libphp.so";
  php.library_path = "/usr/lib/libphp" + php.version + ".so";
  if (root.find(php.library_path).empty()) {
    return Error{ErrorKind::kInvalid, "packaging: find PHP in '" + root.folder().string() +
                                          "': expected " + php.library_path +
                                          ": apt install libphp" + php.version + "-embed"};
  }
  const auto library = root.take(php.library_path);
  if (!library) return library.error();
  // PHP is built with this path; its number is that of the interface of extensions.
  constexpr std::string_view kFolder = "/usr/lib/php/2";
  const std::string number = after(library->content, kFolder);
  php.extension_folder = std::string(kFolder) + number;
  return php;
}

Result<std::vector<Extension>> choose_extensions(const SystemRoot& root, const PhpBuild& php,
                                                 const ExtensionChoice& choice) {
  auto available = all_extensions(root, php);
  if (!available) return available.error();
  std::set<std::string> names(choice.with.begin(), choice.with.end());
  names.insert(kDefaultGroups.begin(), kDefaultGroups.end());
  for (const std::string& name : choice.without) names.erase(name);
  names.erase(kFpm);
  std::vector<std::string> unknown;
  std::ranges::copy_if(names, std::back_inserter(unknown), [&](const std::string& name) {
    return std::ranges::none_of(available.value(), [&](const Extension& extension) {
      return extension.name == name || extension.group == name;
    });
  });
  if (!unknown.empty()) return missing(root, php, unknown);
  add_required(root, php, available.value(), names);
  const std::set<std::string> without(choice.without.begin(), choice.without.end());
  std::erase_if(available.value(), [&](const Extension& extension) {
    return !is_named(extension, names) || is_named(extension, without);
  });
  return available;
}

}  // namespace phork::packaging
