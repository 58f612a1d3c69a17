// SPDX-License-Identifier: MIT
//
// A folder that a command writes as a whole: it grows under a temporary name beside its own, and
// takes its own name, or the place of an earlier one, when it is complete. The destructor removes
// what is not, and so does remove(), which another thread may call when the command is stopped.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::packaging {

class OutputFolder : private base::Pinned {
 public:
  // `names` are those of the files that this command writes, ever.
  OutputFolder(std::filesystem::path path, std::vector<std::string> names);

  ~OutputFolder() { remove(); }

  // kInvalid when the folder holds anything else, which would be lost, or cannot be made.
  base::Status begin();

  const std::filesystem::path& temporary() const { return temporary_; }

  base::Status finish();
  void remove();

 private:
  base::Status check_earlier() const;

  const std::filesystem::path path_;
  const std::vector<std::string> names_;
  std::mutex mutex_;  // guards the member below
  std::filesystem::path temporary_;
};

}  // namespace phork::packaging
