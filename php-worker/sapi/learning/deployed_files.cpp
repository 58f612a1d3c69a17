// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/deployed_files.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace phork::sapi {
namespace {

std::int64_t began_ns = std::numeric_limits<std::int64_t>::min();

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Empty where nothing is.
std::string resolved(const std::string& path) {
  std::error_code failed;
  std::string found = std::filesystem::canonical(path, failed).string();
  return failed ? std::string() : found;
}

// With one of these rights the kernel asks nobody for the owner or mode of a file.
bool overrules_modes() {
  constexpr unsigned kRights = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) == -1) return true;
  return (data[0].permitted & kRights) != 0;
}

bool is_read_only(const std::string& path) {
  struct statvfs system {};

  return ::statvfs(path.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

// True when a process of this user can change neither the file (or the list of a folder) nor its
// mode: a file of its own can be made writable at any time.
bool keeps_out(const std::string& path) {
  if (is_read_only(path)) return true;

  struct stat info {};

  if (overrules_modes() || ::lstat(path.c_str(), &info) != 0) return false;
  if (info.st_uid == ::geteuid()) return false;
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == -1) return errno == EACCES;
  // In a folder like /tmp nobody can move or remove the files and folders of others.
  return S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
}

}  // namespace

void environment_began(std::int64_t at_ns) {
  began_ns = at_ns;
}

DeployedFiles::DeployedFiles(const std::string& root) : root_(resolved(root)) {
  if (!root_.empty() && root_.back() != '/') root_ += '/';
}

bool DeployedFiles::has(const std::string& path, Demand demand) const {
  if (!available() || !begins_in(path) || resolved(path) != path) return false;

  struct stat file {};

  if (::lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return false;
  // The first can be set to any time, the second cannot, but is not kept by every file system.
  if (nanoseconds(file.st_mtim) >= began_ns || nanoseconds(file.st_ctim) >= began_ns) return false;
  return demand == Demand::kOld || is_protected(path);
}

// With the right to write to any folder on the way, a process could put another file or folder
// there.
bool DeployedFiles::is_protected(const std::string& path) const {
  if (!keeps_out(path)) return false;
  for (std::size_t end = path.rfind('/'); end != std::string::npos;
       end = end == 0 ? std::string::npos : path.rfind('/', end - 1)) {
    const std::string folder = end == 0 ? "/" : path.substr(0, end);
    if (folders_.contains(folder)) return true;  // and so is the way to it
    if (!keeps_out(folder)) return false;
  }
  for (std::size_t end = path.rfind('/'); end != 0; end = path.rfind('/', end - 1)) {
    folders_.insert(path.substr(0, end));
  }
  return true;
}

}  // namespace phork::sapi
