// SPDX-License-Identifier: MIT
#include "packaging/layer/compiled_paths.h"

#include <string_view>

namespace phork::packaging {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* kTimeZones = "/usr/share/zoneinfo";

// A longer name that only begins like the path does not count.
bool ends_path(char c) {
  return c == '\0' || c == '/' || c == '"';
}

bool begins_text(const std::string& content, std::size_t at) {
  return at > 0 && (content[at - 1] == '\0' || content[at - 1] == '"');
}

}  // namespace

std::vector<CompiledPath> compiled_paths(const std::string& name, const PhpBuild& php,
                                         const Architecture& architecture) {
  const std::string libraries = "/usr/lib/" + std::string(architecture.triplet);
  const std::string settings = "/etc/php/" + php.version;
  if (name == "libc.so.6") {
    return {
        {libraries + "/gconv", "lib/gconv"}, {"/usr/lib/locale", "lib"}, {kTimeZones, "zoneinfo"}};
  }
  if (name == "gconv-modules.cache") return {{libraries + "/gconv", "lib/gconv"}};
  if (name.starts_with("libcrypto.so.")) {
    return {{"/usr/lib/ssl", ""}, {libraries + "/ossl-modules", "lib/ossl-modules"}};
  }
  if (name == php.library) {
    return {{kTimeZones, "zoneinfo"}, {settings + "/embed", "etc"}, {php.extension_folder, "ext"}};
  }
  if (name == "php-fpm") {
    return {{kTimeZones, "zoneinfo"}, {settings + "/fpm", "etc"}, {php.extension_folder, "ext"}};
  }
  return {};
}

std::string stretched_path(const std::string& folder, std::size_t length) {
  const std::string root = kLayerFolder;
  const std::size_t least = root.size() + (folder.empty() ? 0 : 1) + folder.size();
  if (length < least) return {};
  return root + std::string(length - root.size() - folder.size(), '/') + folder;
}

base::Status replace_paths(std::string& content, const std::string& name,
                           const std::vector<CompiledPath>& paths) {
  for (const CompiledPath& path : paths) {
    const std::string place = stretched_path(path.folder, path.was.size());
    bool found = false;
    for (std::size_t at = 0; (at = content.find(path.was, at)) != std::string::npos; ++at) {
      const std::size_t end = at + path.was.size();
      if (!begins_text(content, at) || end >= content.size() || !ends_path(content[end])) continue;
      if (!place.empty()) content.replace(at, place.size(), place);
      found = true;
    }
    if (!found || place.empty()) {
      return Error{ErrorKind::kInvalid,
                   "packaging: replace '" + path.was + "' in " + name +
                       ": expected the path there: this is not Debian's build"};
    }
  }
  return base::ok_status();
}

}  // namespace phork::packaging
