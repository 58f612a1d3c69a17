// SPDX-License-Identifier: MIT
//
// The descriptors of this process, as far as an event could change them: which are open, on what,
// with which flags, position and locks. Part of the kernel's state that a rollback compares
// (kernel_state.h). Reads /proc/self; Linux only.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace phork::sapi {

struct KernelDescriptor {
  int number = -1;
  dev_t device = 0;
  ino_t inode = 0;
  dev_t special = 0;  // of a device
  mode_t mode = 0;
  int descriptor_flags = 0;
  int status_flags = 0;
  off_t position = 0;
  // What the kernel tells of a file's locks, or of the state of what has no inode of its own (an
  // eventfd, a timerfd, an epoll set).
  std::string details;

  // The same object at the same number, whatever its flags.
  bool is_same_object(const KernelDescriptor& other) const {
    return number == other.number && device == other.device && inode == other.inode &&
           special == other.special && mode == other.mode;
  }

  bool operator==(const KernelDescriptor&) const = default;
};

class KernelDescriptors {
 public:
  // Those that are open now.
  KernelDescriptors();

  // Closes what has been opened since, and gives flags, positions and locks of the process back.
  // What is different then, "" when nothing is.
  std::string put_back() const;

 private:
  std::vector<KernelDescriptor> all_;  // in order of number
};

}  // namespace phork::sapi
