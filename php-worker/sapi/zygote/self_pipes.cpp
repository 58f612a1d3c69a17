// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/self_pipes.h"

#include <algorithm>
#include <fcntl.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "php-worker/sapi/zygote/unix_peer.h"

namespace phork::sapi {
namespace {

struct stat status_of(int number) {
  struct stat status {};

  ::fstat(number, &status);
  return status;
}

// Nothing has been written that was not read.
bool is_idle(int number) {
  int waiting = 0;
  return ::ioctl(number, FIONREAD, &waiting) == 0 && waiting == 0;
}

bool reads(const OpenDescriptor& descriptor) {
  return (descriptor.flags & O_ACCMODE) == O_RDONLY;
}

void join(OpenDescriptor& one, OpenDescriptor& other) {
  one.other_end = other.number;
  other.other_end = one.number;
}

// Both ends of a pipe are the same inode; a third descriptor would be left with the old pipe.
void join_pipe(std::vector<OpenDescriptor>& descriptors, OpenDescriptor& end) {
  const ino_t inode = status_of(end.number).st_ino;
  OpenDescriptor* other = nullptr;
  int ends = 0;
  for (OpenDescriptor& each : descriptors) {
    const struct stat status = status_of(each.number);
    if (!S_ISFIFO(status.st_mode) || status.st_ino != inode) continue;
    ++ends;
    if (reads(each) != reads(end)) other = &each;
  }
  if (other == nullptr) return;
  end.kind = DescriptorKind::kLine;
  if (ends == 2 && is_idle(end.number)) join(end, *other);
}

void join_socket(std::vector<OpenDescriptor>& descriptors, OpenDescriptor& end) {
  const std::optional<ino_t> peer = find_unix_peer(end.number);
  if (!peer) return;
  OpenDescriptor* other = nullptr;
  int ends = 0;
  for (OpenDescriptor& each : descriptors) {
    const ino_t inode = status_of(each.number).st_ino;
    if (inode == *peer) other = &each;
    if (inode == *peer || inode == status_of(end.number).st_ino) ++ends;
  }
  if (other == nullptr) {
    end.kind = DescriptorKind::kOther;
    end.what = "a Unix socket whose other end is in another process";
    return;
  }
  socklen_t size = sizeof end.socket_type;
  ::getsockopt(end.number, SOL_SOCKET, SO_TYPE, &end.socket_type, &size);
  if (ends == 2 && is_idle(end.number) && is_idle(other->number)) join(end, *other);
}

}  // namespace

void join_lines(std::vector<OpenDescriptor>& descriptors) {
  for (OpenDescriptor& descriptor : descriptors) {
    const mode_t mode = status_of(descriptor.number).st_mode;
    if (S_ISSOCK(mode) && descriptor.kind == DescriptorKind::kLine) {
      join_socket(descriptors, descriptor);
    } else if (S_ISFIFO(mode) && descriptor.kind == DescriptorKind::kOther) {
      join_pipe(descriptors, descriptor);
    }
  }
}

}  // namespace phork::sapi
