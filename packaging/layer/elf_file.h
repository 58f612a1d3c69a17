// SPDX-License-Identifier: MIT
//
// Programs and shared libraries: what a package has to know of them to bring along what they need.
// https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

// A processor that Lambda offers, under Debian's name.
struct Architecture {
  std::string_view name;     // "amd64"
  std::string_view triplet;  // of its folders of libraries
  std::string_view loader;   // file name of glibc's dynamic loader
  unsigned machine;          // e_machine of its ELF files
};

// kInvalid, with the known names, for others.
base::Result<Architecture> find_architecture(std::string_view name);

struct ElfFile {
  unsigned machine = 0;
  std::vector<std::string> needed;  // DT_NEEDED, in order
  bool has_search_path = false;     // DT_RPATH or DT_RUNPATH
};

// kInvalid when it is no ELF file.
base::Result<ElfFile> read_elf(const std::filesystem::path& file);

// The architecture of `file`. kInvalid when it is no ELF file, or one that Lambda does not run.
base::Result<Architecture> architecture_of(const std::filesystem::path& file);

}  // namespace phork::packaging
