// SPDX-License-Identifier: MIT
//
// A folder of a test's own below /tmp, for scripts it writes and for what is left behind in it.
// Gone with the object.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::testing {

class ScratchFolder : private base::Pinned {
 public:
  ScratchFolder();
  ~ScratchFolder();

  const std::string& path() const { return path_; }

  // The full path; `name` may have folders.
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Makes the file and its folders; returns its full path.
  std::string write(std::string_view name, std::string_view content) const;
  // Empty when there is no such file.
  std::string read(std::string_view name) const;
  std::string make_folder(std::string_view name) const;
  void remove(std::string_view name) const;
  bool has(std::string_view name) const;
  // Of everything in a folder, folders excepted.
  int count_files(std::string_view folder) const;

 private:
  std::string path_;
};

// For PHP_INI_SCAN_DIR: Debian's own folder, and then this one.
std::string scan_also(const std::string& folder);

}  // namespace phork::testing
