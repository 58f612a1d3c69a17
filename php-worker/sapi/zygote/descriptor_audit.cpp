// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/descriptor_audit.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/zygote/self_pipes.h"
#include "php-worker/sapi/zygote/socket_name.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kOpcacheLock = ".ZendSem.";
// /dev/null, zero, full, random and urandom: Documentation/admin-guide/devices.txt
constexpr unsigned kMemoryDevices = 1;

// Reads flags, cursor and locks: https://docs.kernel.org/filesystems/proc.html (fdinfo).
void read_info(OpenDescriptor& descriptor) {
  std::ifstream file("/proc/self/fdinfo/" + std::to_string(descriptor.number));
  for (std::string word; file >> word;) {
    if (word == "pos:") file >> descriptor.position;
    if (word == "flags:") file >> std::oct >> descriptor.flags >> std::dec;
    if (word == "lock:") descriptor.locked = true;
  }
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The standard stream that `status` is of; the error stream first, as logs go there. Two
// descriptions of one pipe cannot be told apart, and need not be.
int find_standard(const struct stat& status) {
  for (const int standard : {STDERR_FILENO, STDOUT_FILENO, STDIN_FILENO}) {
    struct stat other {};

    if (::fstat(standard, &other) == 0 && same_file(status, other)) return standard;
  }
  return -1;
}

bool can_open_again(const OpenDescriptor& descriptor) {
  const int access = descriptor.flags & O_ACCMODE;
  const int wanted = access == O_RDONLY ? R_OK : access == O_WRONLY ? W_OK : R_OK | W_OK;
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor.number);
  return ::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0;
}

std::string access_name(int flags) {
  const int access = flags & O_ACCMODE;
  std::string name = access == O_RDONLY ? "reading" : access == O_WRONLY ? "writing" : "both";
  return (flags & O_APPEND) != 0 ? "appending" : name;
}

void describe_file(OpenDescriptor& descriptor, const struct stat& status, const std::string& link) {
  const bool anonymous = status.st_nlink == 0 && (descriptor.flags & O_ACCMODE) != O_RDONLY;
  if (can_open_again(descriptor)) {
    descriptor.kind = anonymous ? DescriptorKind::kAnonymous : DescriptorKind::kFile;
  }
  descriptor.what = std::string(S_ISDIR(status.st_mode) ? "the folder '" : "the file '") + link +
                    "', open for " + access_name(descriptor.flags);
}

std::string describe_anonymous_inode(const std::string& link) {
  constexpr std::array<std::array<std::string_view, 2>, 7> kNames{{
      {"eventpoll", "an epoll set"},
      {"timerfd", "a timerfd"},
      {"inotify", "an inotify watch"},
      {"fanotify", "a fanotify watch"},
      {"signalfd", "a signalfd"},
      {"pidfd", "a pidfd"},
      {"io_uring", "an io_uring"},
  }};
  for (const auto& [part, name] : kNames) {
    if (link.find(part) != std::string::npos) return std::string(name);
  }
  return "a kernel object, '" + link + "'";
}

void describe_pipe(OpenDescriptor& descriptor, const struct stat& status, const std::string& link) {
  const bool named = status.st_nlink > 0 && link.starts_with('/');
  descriptor.what = named ? "the named pipe '" + link + "'" : "a pipe";
  descriptor.what +=
      (descriptor.flags & O_ACCMODE) == O_RDONLY ? ", its reading end" : ", its writing end";
}

bool is_harmless(const OpenDescriptor& descriptor, const struct stat& status,
                 const std::string& link) {
  if ((descriptor.flags & O_PATH) != 0) return true;
  if (S_ISCHR(status.st_mode)) return major(status.st_rdev) == kMemoryDevices;
  if (link == "anon_inode:[eventfd]") return true;
  return S_ISREG(status.st_mode) &&
         std::filesystem::path(link).filename().string().starts_with(kOpcacheLock);
}

std::optional<OpenDescriptor> audit_one(int number) {
  OpenDescriptor descriptor;
  descriptor.number = number;

  struct stat status {};

  if (::fstat(number, &status) != 0) return std::nullopt;
  read_info(descriptor);
  const std::string link = read_proc_link("/proc/self/fd/" + std::to_string(number));
  if (is_harmless(descriptor, status, link)) return std::nullopt;
  descriptor.standard = find_standard(status);
  if (descriptor.standard != -1) {
    descriptor.kind = DescriptorKind::kStandard;
    descriptor.what = "a copy of standard stream " + std::to_string(descriptor.standard);
  } else if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
    describe_file(descriptor, status, link);
  } else if (S_ISSOCK(status.st_mode)) {
    const SocketName name = name_socket(number);
    if (name.made_here) descriptor.kind = DescriptorKind::kLine;
    descriptor.what = name.text;
  } else if (S_ISFIFO(status.st_mode)) {
    describe_pipe(descriptor, status, link);
  } else {
    descriptor.what =
        S_ISCHR(status.st_mode) ? "the device '" + link + "'" : describe_anonymous_inode(link);
  }
  return descriptor;
}

}  // namespace

std::vector<OpenDescriptor> audit_descriptors(const std::vector<int>& own) {
  std::vector<OpenDescriptor> found;
  for (const int number : open_descriptors()) {
    if (std::ranges::binary_search(own, number)) continue;
    if (auto descriptor = audit_one(number)) found.push_back(std::move(*descriptor));
  }
  join_lines(found);
  return found;
}

}  // namespace phork::sapi
