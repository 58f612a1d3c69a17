// SPDX-License-Identifier: MIT
//
// Tells which files were written with the deployment: no event can have written or replaced them. A
// process names a file, and may lie; so only the file system's word counts. No PHP.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace phork::sapi {

// Says when the environment began, in nanoseconds of the wall clock: no event ran before. That is
// the start of bootstrap and not of this zygote, which may replace one that has served events.
// Until then no file is old enough.
void environment_began(std::int64_t at_ns);

class DeployedFiles {
 public:
  // kProtected: only files that this user can neither write nor replace. Their age does not show
  // that alone: an environment may have found what an earlier one left behind.
  enum class Demand : bool { kOld, kProtected };

  // `root` is the folder of the deployment, by any of its names.
  explicit DeployedFiles(const std::string& root);

  bool available() const { return root_.size() > 1; }

  // True when the path begins in the deployment, which says nothing yet about where it leads.
  bool begins_in(std::string_view path) const { return path.starts_with(root_); }

  // True when `path` leads to a regular file of the deployment, without any detour, and the file is
  // older than the environment and meets the demand.
  bool has(const std::string& path, Demand demand) const;

 private:
  bool is_protected(const std::string& path) const;

  std::string root_;                                    // resolved, with a slash at its end
  mutable std::set<std::string, std::less<>> folders_;  // that were found to be protected
};

}  // namespace phork::sapi
