// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_descriptors.h"

#include <algorithm>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"

namespace phork::sapi {
namespace {

// Pipes, sockets and devices have no meaningful position, and no locks.
bool has_details(mode_t mode) {
  return !S_ISFIFO(mode) && !S_ISSOCK(mode) && !S_ISCHR(mode);
}

KernelDescriptor describe(int number) {
  KernelDescriptor found;
  found.number = number;

  struct stat status {};

  if (::fstat(number, &status) == 0) {
    found.device = status.st_dev;
    found.inode = status.st_ino;
    found.special = status.st_rdev;
    found.mode = status.st_mode;
  }
  found.descriptor_flags = ::fcntl(number, F_GETFD);
  found.status_flags = ::fcntl(number, F_GETFL);
  if (!has_details(found.mode)) return found;
  found.position = ::lseek(number, 0, SEEK_CUR);
  found.details = read_proc_file("/proc/self/fdinfo/" + std::to_string(number));
  return found;
}

std::vector<KernelDescriptor> read_descriptors() {
  std::vector<KernelDescriptor> found;
  for (const int number : open_descriptors()) found.push_back(describe(number));
  return found;
}

// False when the descriptor still differs. Releases the process's locks, because a forked child
// starts without any; flock() locks belong to the open file, which the zygote shares.
bool put_back_one(const KernelDescriptor& before, const KernelDescriptor& now) {
  if (before.descriptor_flags != now.descriptor_flags) {
    ::fcntl(now.number, F_SETFD, before.descriptor_flags);
  }
  if (before.status_flags != now.status_flags) ::fcntl(now.number, F_SETFL, before.status_flags);
  if (before.position != now.position) ::lseek(now.number, before.position, SEEK_SET);
  if (before.details != now.details) {
    struct flock whole {};

    whole.l_type = F_UNLCK;
    ::fcntl(now.number, F_SETLK, &whole);
  }
  return describe(before.number) == before;
}

}  // namespace

KernelDescriptors::KernelDescriptors() : all_(read_descriptors()) {}

std::string KernelDescriptors::put_back() const {
  const std::vector<KernelDescriptor> found = read_descriptors();
  auto now = found.begin();
  const auto close_until = [&](int number) {
    for (; now != found.end() && now->number < number; ++now) ::close(now->number);
  };
  for (const KernelDescriptor& before : all_) {
    close_until(before.number);
    const bool same_object = now != found.end() && before.is_same_object(*now);
    if (!same_object || (*now != before && !put_back_one(before, *now))) {
      return "descriptor " + std::to_string(before.number);
    }
    ++now;
  }
  close_until(INT_MAX);
  return "";
}

std::string KernelDescriptors::difference() const {
  const std::vector<KernelDescriptor> now = read_descriptors();
  const auto [before, found] = std::ranges::mismatch(all_, now);
  if (before == all_.end() && found == now.end()) return "";
  return "descriptor " + std::to_string(before != all_.end() ? before->number : found->number);
}

}  // namespace phork::sapi
