// SPDX-License-Identifier: MIT
//
// Everything that packaging leaves on a disk while it works: a scratch folder, and outputs under a
// temporary name. An output appears under its own name when it is complete. The destructor removes
// the rest, and so does remove_all(), which another thread may call when the command is stopped.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// The file that an output at `path` is to replace: itself, or what it leads to when it is a link.
// kInvalid when that is no regular file, such as a device.
base::Result<std::filesystem::path> find_output(const std::filesystem::path& path);

class Scratch : private base::Pinned {
 public:
  Scratch() = default;

  ~Scratch() { remove_all(); }

  // A new folder below TMPDIR for this user alone.
  base::Result<std::filesystem::path> make_folder();

  // The temporary name for an output, in the folder of `path`, so that it can be renamed. kInvalid
  // when nothing can be written there.
  base::Result<std::filesystem::path> begin_output(const std::filesystem::path& path);

  // Gives `temporary`, which begin_output() made, its own name and the mode of a new file.
  base::Status finish_output(const std::filesystem::path& temporary,
                             const std::filesystem::path& path);

  // As above, for a text.
  base::Status write_output(const std::filesystem::path& path, const std::string& text);

  // Nothing can be made after it.
  void remove_all();

 private:
  std::mutex mutex_;  // guards the members below
  std::vector<std::filesystem::path> paths_;
  bool is_closed_ = false;
};

}  // namespace phork::packaging
