// SPDX-License-Identifier: MIT
#include "packaging/deployment/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;

base::Error unwritable(const fs::path& path, const std::string& reason) {
  return {base::ErrorKind::kInvalid, "deploy: write folder '" + path.string() + "': " + reason};
}

std::string text_of(int code) {
  return std::generic_category().message(code);
}

}  // namespace

OutputFolder::OutputFolder(fs::path path, std::vector<std::string> names)
    : path_(std::move(path)), names_(std::move(names)) {}

base::Status OutputFolder::check_earlier() const {
  std::error_code error;
  if (!fs::exists(path_, error)) return base::ok_status();
  if (!fs::is_directory(path_, error)) return unwritable(path_, "expected a folder, got a file");
  for (const fs::directory_entry& file : fs::directory_iterator(path_, error)) {
    const std::string name = file.path().filename().string();
    if (!std::ranges::count(names_, name)) {
      return unwritable(path_, "it holds '" + name + "', which is not from here: name another");
    }
  }
  return error ? base::Status(unwritable(path_, error.message())) : base::ok_status();
}

base::Status OutputFolder::begin() {
  if (base::Status checked = check_earlier(); !checked) return checked;
  const std::lock_guard lock(mutex_);
  std::string name = path_.string() + ".XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return unwritable(path_, text_of(errno));
  temporary_ = name;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  constexpr mode_t kNewFolder = 0777;
  ::chmod(name.c_str(), kNewFolder & ~mask);
  return base::ok_status();
}

base::Status OutputFolder::finish() {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  // Changing places leaves no moment without a folder of that name; the earlier one is removed
  // then.
  const unsigned flags = fs::exists(path_, ignored) ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    return unwritable(path_, text_of(errno));
  }
  return base::ok_status();
}

void OutputFolder::remove() {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  temporary_.clear();
}

}  // namespace phork::packaging
