// SPDX-License-Identifier: MIT
//
// The Debian system that a layer is taken from: `/`, or the folder of another system, which may be
// one for another processor. Symbolic links are followed inside of it, so nothing comes from the
// machine around it by mistake.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/layer/elf_file.h"
#include "runtime/base/result.h"

namespace phork::packaging {

struct DebianPackage {
  std::string name;
  std::string version;
  std::string source;                  // name of the source package
  std::vector<std::string> requires_;  // names of packages in Depends
};

class SystemRoot {
 public:
  // kInvalid when there is no database of dpkg below `folder`.
  static base::Result<SystemRoot> open(const std::filesystem::path& folder,
                                       const Architecture& architecture);

  const Architecture& architecture() const { return architecture_; }

  const std::filesystem::path& folder() const { return folder_; }

  // Where the file at `path`, which begins with a slash, lies for us, with all links followed.
  // Empty when there is none.
  std::filesystem::path find(const std::string& path) const;

  // The path inside the system of a shared library in Debian's folders; empty when there is none.
  std::string find_library(const std::string& name) const;

  // Names in a folder, sorted; none when there is no such folder.
  std::vector<std::string> list(const std::string& path) const;

  // The file at `path` with its owner. kInvalid when there is none.
  base::Result<Entry> take(const std::string& path) const;

  // The package that has installed `path`; null when none has.
  const DebianPackage* owner(const std::string& path) const;
  const DebianPackage* package(const std::string& name) const;

 private:
  SystemRoot(std::filesystem::path folder, Architecture architecture)
      : folder_(std::move(folder)), architecture_(architecture) {}

  void read_packages(const std::string& status);
  base::Status read_owners();

  std::filesystem::path folder_;
  Architecture architecture_;
  std::map<std::string, DebianPackage> packages_;
  std::unordered_map<std::string, std::string> owners_;  // path without /usr => package
};

}  // namespace phork::packaging
