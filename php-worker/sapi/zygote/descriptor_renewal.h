// SPDX-License-Identifier: MIT
//
// How descriptors that the boot left open become each child's own: a file is opened once more at
// the place where the boot's cursor stood, a file without a name is copied, a copy of a standard
// stream follows that stream, a pipe of the process to itself is made anew. The numbers stay, so
// that PHP notices nothing. Made in the zygote, run in each child, where it costs four system calls
// for a file. No PHP.
#pragma once

#include <vector>

#include "php-worker/sapi/zygote/descriptor_audit.h"

namespace phork::sapi {

class DescriptorRenewal {
 public:
  // Whether that is possible for `descriptor`.
  static bool can_renew(const OpenDescriptor& descriptor);

  void add(OpenDescriptor descriptor) { descriptors_.push_back(std::move(descriptor)); }

  std::size_t size() const { return descriptors_.size(); }

  // In a child, before any of its PHP. What the child cannot open is hung up, and logged.
  void run() const;

 private:
  bool renew_one(const OpenDescriptor& descriptor) const;

  std::vector<OpenDescriptor> descriptors_;
};

// Puts a connection whose other end has hung up in the place of `descriptor`: who reads meets the
// end, who writes gets an error, and nothing reaches the other side. Clients take it for what it
// looks like and connect anew.
void hang_up(const OpenDescriptor& descriptor);

}  // namespace phork::sapi
