// SPDX-License-Identifier: MIT
#include "packaging/archive/scratch.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

base::Status unwritable(const fs::path& path, int code) {
  return Error{ErrorKind::kInvalid, "packaging: write '" + path.string() +
                                        "': expected a path that can be written: " +
                                        std::generic_category().message(code)};
}

// A program may have left folders that cannot be entered or emptied.
void remove_tree(const fs::path& path) {
  std::error_code ignored;
  auto at = fs::recursive_directory_iterator(path, ignored);
  for (; !ignored && at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    if (!at->is_symlink() && at->is_directory()) {
      fs::permissions(*at, fs::perms::owner_all, fs::perm_options::add, ignored);
    }
  }
  fs::remove_all(path, ignored);
}

}  // namespace

Result<fs::path> find_output(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return unwritable(path, EISDIR).error();
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return Error{ErrorKind::kInvalid, "packaging: write '" + path.string() +
                                          "': expected a file, got a device, a pipe or a socket"};
  }
  if (error == std::errc::too_many_symbolic_link_levels) return unwritable(path, ELOOP).error();
  fs::path file = path;
  while (fs::is_symlink(file, error)) file = file.parent_path() / fs::read_symlink(file, error);
  return file;
}

Result<fs::path> Scratch::make_folder() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Error{ErrorKind::kSystem, "packaging: make folder: stopped"};
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "phork-package.XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return base::system_error("packaging: make folder '" + name + "'",
                              error ? error.value() : errno);
  }
  paths_.emplace_back(name);
  return fs::path(name);
}

Result<fs::path> Scratch::begin_output(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Error{ErrorKind::kSystem, "packaging: make output: stopped"};
  std::string name = path.string() + ".XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file == -1) return unwritable(path, errno).error();
  ::close(file);
  paths_.emplace_back(name);
  return fs::path(name);
}

base::Status Scratch::finish_output(const fs::path& temporary, const fs::path& path) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  constexpr mode_t kNewFile = 0666;
  if (::chmod(temporary.c_str(), kNewFile & ~mask) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    return unwritable(path, errno);
  }
  return base::ok_status();
}

base::Status Scratch::write_output(const fs::path& path, const std::string& text) {
  const auto temporary = begin_output(path);
  if (!temporary) return temporary.error();
  std::ofstream file(temporary.value(), std::ios::binary);
  file << text;
  file.close();
  if (!file) return unwritable(path, errno);
  return finish_output(temporary.value(), path);
}

void Scratch::remove_all() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (const fs::path& path : paths_) {
    // Another thread may still write there, or a program.
    constexpr int kMostTimes = 100;
    std::error_code ignored;
    for (int time = 0; time < kMostTimes && fs::exists(path, ignored); ++time) remove_tree(path);
  }
  paths_.clear();
}

}  // namespace phork::packaging
