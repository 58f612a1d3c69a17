// SPDX-License-Identifier: MIT
//
// The files of an archive, in memory, before they are written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

// Where a file came from, for manifest and size report. Empty parts are not known.
struct Origin {
  std::string file;     // its path in the system or application that it was taken from
  std::string package;  // of Debian
  std::string version;  // of that package
};

struct Entry {
  std::string path;           // in the archive, without a leading slash
  std::string content;        // bytes, or the target of a symbolic link
  std::uint32_t mode = 0644;  // permissions
  bool is_link = false;
  bool is_folder = false;          // an empty one; others need no entry
  std::int64_t seconds_later = 0;  // than the time of the archive; even
  std::string component;           // the line of the size report that counts it
  Origin origin;
};

// Sorted by path, so that the same files make the same archive.
void sort(std::vector<Entry>& entries);

// Reads a file, following links. `what` begins the error: "packaging: read program".
base::Result<std::string> read_file(const std::filesystem::path& file, const std::string& what);

// Copies content and permissions, following links. Unlike std::filesystem's, its error says that a
// disk is full.
std::error_code copy_file(const std::filesystem::path& from, const std::filesystem::path& to);

// In lower case hexadecimal.
std::string sha256(const std::string& bytes);

}  // namespace phork::packaging
