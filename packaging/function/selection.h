// SPDX-License-Identifier: MIT
//
// The files of an application that belong into its package. By default that is all but what serves
// development, and what could be secret; docs/packaging.md lists it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

struct Selection {
  // Patterns as of fnmatch(3). One without a slash is compared with each part of a path, another
  // one with the path from the application's folder; what lies below a match is meant as well.
  std::vector<std::string> include;  // wins
  std::vector<std::string> exclude;  // in addition to the usual ones
  // Files that this run writes, by their paths on this machine: never packaged. One that is a
  // file of the application, and no earlier output, is refused.
  std::vector<std::filesystem::path> outputs;
  bool keeps_caches = false;  // those that preparing the package would make anew
};

// Files of the application, as patterns, that its framework reads although their names are those of
// secrets.
std::vector<std::string> framework_defaults(const std::filesystem::path& application);

// True when the file at `path`, relative to the application, belongs into the package.
bool is_selected(const Selection& selection, const std::string& path);

struct Copied {
  std::set<std::string> secrets;    // files and folders that were left out: .env and its kin
  std::set<std::string> temporary;  // links to what is in /tmp here, "link -> target"
  std::set<std::string> dangling;   // links that lead to nothing here, "link -> target": left out
};

// Copies the selected files to the folder `to`, with the time `time`. Links within the application
// or into /tmp, /opt and /var/task stay links; others are replaced by what they lead to. kInvalid
// names a link that leads back to itself.
base::Result<Copied> copy_application(const std::filesystem::path& from,
                                      const std::filesystem::path& to, const Selection& selection,
                                      std::int64_t time);

// Gives one file, which may be a link, the time `time`.
base::Status set_time(const std::filesystem::path& file, std::int64_t time);

}  // namespace phork::packaging
