// SPDX-License-Identifier: MIT
//
// Gives each child its own copies of descriptors that the boot left open. A file is opened again at
// the position of the boot's cursor, a file without a name is copied, a copy of a standard stream
// follows that stream, a self-pipe is replaced by a new one. The numbers stay, so PHP notices
// nothing. Built in the zygote, run in each child, where a file costs four system calls. No PHP.
#pragma once

#include <vector>

#include "php-worker/sapi/zygote/descriptor_audit.h"

namespace phork::sapi {

class DescriptorRenewal {
 public:
  // True when a child can get its own `descriptor`.
  static bool can_renew(const OpenDescriptor& descriptor);

  void add(OpenDescriptor descriptor) { descriptors_.push_back(std::move(descriptor)); }

  std::size_t size() const { return descriptors_.size(); }

  // In a child, before any of its PHP code runs. A descriptor that the child cannot open again is
  // hung up, and logged.
  void run() const;
  // At the end of a child: closes its files, whose locks would last until the process has ended,
  // beside the next event.
  void close_files() const;

 private:
  bool renew_one(const OpenDescriptor& descriptor) const;

  std::vector<OpenDescriptor> descriptors_;
};

// Replaces `descriptor` by a connection whose other end has hung up: a reader meets the end, a
// writer gets an error, and nothing reaches the other side. Clients see a lost connection and
// connect again.
void hang_up(const OpenDescriptor& descriptor);

}  // namespace phork::sapi
