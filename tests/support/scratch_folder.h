// SPDX-License-Identifier: MIT
//
// A temporary folder of one test. The destructor removes it with all its files.
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
  // The number of files in a folder and its folders.
  int count_files(std::string_view folder) const;

 private:
  std::string path_;
};

// The value of PHP_INI_SCAN_DIR that adds `folder` to Debian's own folder.
std::string scan_also(const std::string& folder);

}  // namespace phork::testing
