// SPDX-License-Identifier: MIT
//
// Libraries look for their data at paths that they were compiled with: glibc for conversions and
// locales, PHP for its settings and time zones, OpenSSL for certificates. In a layer the data lie
// below /opt/phork. Environment variables would lead there as well, but programs that PHP code
// starts would inherit them, and those belong to another system. So the paths are replaced in the
// files, by paths of the same length: the kernel takes several slashes for one.
#pragma once

#include <string>
#include <vector>

#include "packaging/layer/extensions.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// The folder that a layer's files have to lie in: the loader of its programs is named by its path.
inline constexpr const char* kLayerFolder = "/opt/phork";

struct CompiledPath {
  std::string was;
  std::string folder;  // takes its place: a path below the layer's folder, "" for that itself
};

// The paths that the library or program `name` was compiled with; none for most.
std::vector<CompiledPath> compiled_paths(const std::string& name, const PhpBuild& php,
                                         const Architecture& architecture);

// The path of `folder` in the layer, with slashes added between the two until it has `length`
// characters. Empty when it is longer.
std::string stretched_path(const std::string& folder, std::size_t length);

// Replaces the paths wherever one stands at the beginning of a text. kInvalid when one does not
// occur or is too short: then this is another build than phork knows. `name` is for the error.
base::Status replace_paths(std::string& content, const std::string& name,
                           const std::vector<CompiledPath>& paths);

}  // namespace phork::packaging
