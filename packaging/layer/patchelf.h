// SPDX-License-Identifier: MIT
//
// Makes a program use the loader and the libraries of its layer, by the program patchelf of the
// Debian package of that name: https://github.com/NixOS/patchelf
#pragma once

#include <filesystem>
#include <string>

#include "packaging/layer/elf_file.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// Sets loader and search path of the program `content`. All libraries that it loads, and that
// these load, are looked for there first: DT_RPATH of a program counts for the whole process, and
// for no other. kInvalid when there is no patchelf. `folder` is for its work.
base::Result<std::string> set_loader(const std::string& content, const Architecture& architecture,
                                     const std::filesystem::path& folder);

// Removes a search path of a library, which would count instead of the program's.
base::Result<std::string> remove_search_path(const std::string& content,
                                             const std::filesystem::path& folder);

}  // namespace phork::packaging
