// SPDX-License-Identifier: MIT
//
// Files that the libraries of a layer look for at run time, and the licences of everything in it.
#pragma once

#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/layer/extensions.h"
#include "packaging/layer/system_root.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// The name in the archive of a path below the layer's folder, which is unpacked below /opt.
std::string layer_path(const std::string& path);

// Adds the files below the folder `from` of `root`, links as links, but for those whose path below
// it is in `skipped` or lies under one of them.
base::Status add_folder(const SystemRoot& root, const std::string& from, const std::string& to,
                        const std::string& component, const std::vector<std::string>& skipped,
                        std::vector<Entry>& entries);

// glibc's conversions and its locale C.UTF-8, the time zones, certificates and what else OpenSSL
// reads. kInvalid when the system lacks one of them.
base::Status add_data_files(const SystemRoot& root, const PhpBuild& php,
                            std::vector<Entry>& entries);

// php.ini, and an ini file for each extension.
base::Status add_settings(const SystemRoot& root, const PhpBuild& php,
                          const std::vector<Extension>& extensions, std::vector<Entry>& entries);

// The licence of each package that `entries` come from, each text once.
base::Status add_licences(const SystemRoot& root, std::vector<Entry>& entries);

}  // namespace phork::packaging
