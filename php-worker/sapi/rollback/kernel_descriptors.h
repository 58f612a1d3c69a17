// SPDX-License-Identifier: MIT
//
// The descriptors of this process, as far as an event can change them: which are open, on which
// object, with which flags, position and locks. A part of the kernel's state that a rollback
// compares (kernel_state.h). Reads /proc/self; Linux only.
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
  // /proc's text about a file's locks, or about the state of an object without an inode of its own
  // (an eventfd, a timerfd, an epoll set).
  std::string details;

  // True when the number still names the same object, whatever its flags.
  bool is_same_object(const KernelDescriptor& other) const {
    return number == other.number && device == other.device && inode == other.inode &&
           special == other.special && mode == other.mode;
  }

  bool operator==(const KernelDescriptor&) const = default;
};

class KernelDescriptors {
 public:
  // Records the descriptors that are open now.
  KernelDescriptors();

  // Closes descriptors that were opened since, and restores flags, positions and the process's
  // locks. Returns the descriptor that still differs, "" when none does.
  std::string put_back() const;

  // Compares without restoring. The first descriptor that differs, "" when none does.
  std::string difference() const;

 private:
  std::vector<KernelDescriptor> all_;  // in order of number
};

}  // namespace phork::sapi
