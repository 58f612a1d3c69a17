// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/descriptor_renewal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "php-worker/sapi/memory/capabilities.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

// The flags of open() that say how a file is used once it is open.
constexpr int kKeptFlags = O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECT | O_DSYNC | O_SYNC;

// Opens the file through /proc's link, which leads to the file itself even when it was moved or
// deleted.
base::Fd open_again(const OpenDescriptor& descriptor, int flags) {
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor.number);
  return base::Fd(::open(path.c_str(), flags | O_CLOEXEC));
}

base::Fd copy_content(const OpenDescriptor& descriptor) {
  base::Fd copy(::memfd_create("phork", MFD_CLOEXEC));
  const base::Fd source = open_again(descriptor, O_RDONLY);
  if (!copy.valid() || !source.valid()) return {};
  ssize_t moved = 0;
  do {
    constexpr std::size_t kAtOnce = std::size_t{1} << 30U;
    moved = ::sendfile(copy.get(), source.get(), nullptr, kAtOnce);
  } while (moved > 0 || (moved == -1 && errno == EINTR));
  if (moved == -1) return {};
  ::fcntl(copy.get(), F_SETFL, descriptor.flags & (O_APPEND | O_NONBLOCK));
  return copy;
}

bool put_in_place(const OpenDescriptor& descriptor, int fresh) {
  return ::dup3(fresh, descriptor.number, descriptor.flags & O_CLOEXEC) != -1;
}

// Replaces both ends at once.
bool renew_self_pipe(const OpenDescriptor& one, const OpenDescriptor& other) {
  std::array<int, 2> raw{-1, -1};
  const bool is_socket = one.socket_type != 0;
  const int made = is_socket ? ::socketpair(AF_UNIX, one.socket_type | SOCK_CLOEXEC, 0, raw.data())
                             : ::pipe2(raw.data(), O_CLOEXEC);
  if (made != 0) return false;
  const bool one_writes = !is_socket && (one.flags & O_ACCMODE) == O_WRONLY;
  const base::Fd first(raw[one_writes ? 1 : 0]);
  const base::Fd second(raw[one_writes ? 0 : 1]);
  ::fcntl(first.get(), F_SETFL, one.flags & O_NONBLOCK);
  ::fcntl(second.get(), F_SETFL, other.flags & O_NONBLOCK);
  return put_in_place(one, first.get()) && put_in_place(other, second.get());
}

bool renew(const OpenDescriptor& descriptor) {
  if (descriptor.kind == DescriptorKind::kStandard) {
    return put_in_place(descriptor, descriptor.standard);
  }
  const base::Fd fresh = descriptor.kind == DescriptorKind::kAnonymous
                             ? copy_content(descriptor)
                             : open_again(descriptor, descriptor.flags & kKeptFlags);
  if (!fresh.valid()) return false;
  ::lseek(fresh.get(), descriptor.position, SEEK_SET);
  return put_in_place(descriptor, fresh.get());
}

}  // namespace

bool DescriptorRenewal::can_renew(const OpenDescriptor& descriptor) {
  switch (descriptor.kind) {
    case DescriptorKind::kStandard:
    case DescriptorKind::kFile:
      return true;
    case DescriptorKind::kAnonymous:
      return capabilities().memfd;
    case DescriptorKind::kSelfPipe:
      return descriptor.other_end != -1;
    case DescriptorKind::kOther:
      break;
  }
  return false;
}

void DescriptorRenewal::run() const {
  for (const OpenDescriptor& descriptor : descriptors_) {
    if (renew_one(descriptor)) continue;
    const base::Error error =
        base::system_error("php-worker: renew descriptor " + std::to_string(descriptor.number) +
                               ", " + descriptor.what + "; it is closed instead",
                           errno);
    hang_up(descriptor);
    base::log_error(error.text);
  }
}

void DescriptorRenewal::close_files() const {
  for (const OpenDescriptor& descriptor : descriptors_) {
    if (descriptor.kind == DescriptorKind::kFile) ::close(descriptor.number);
  }
}

bool DescriptorRenewal::renew_one(const OpenDescriptor& descriptor) const {
  if (descriptor.kind != DescriptorKind::kSelfPipe) return renew(descriptor);
  // A self-pipe is renewed with the first of its ends.
  if (descriptor.other_end < descriptor.number) return true;
  const auto other = std::ranges::find(descriptors_, descriptor.other_end, &OpenDescriptor::number);
  return other != descriptors_.end() && renew_self_pipe(descriptor, *other);
}

void hang_up(const OpenDescriptor& descriptor) {
  auto pair = base::make_socket_pair(SOCK_STREAM);
  if (!pair) {
    base::log_error(pair.error().text);
    return;
  }
  pair->second.reset();
  // An extension may have closed its connection since it was found; the socket has its number then.
  if (pair->first.get() == descriptor.number) {
    if ((descriptor.flags & O_CLOEXEC) == 0) ::fcntl(descriptor.number, F_SETFD, 0);
    static_cast<void>(pair->first.release());
    return;
  }
  base::check(::dup3(pair->first.get(), descriptor.number, descriptor.flags & O_CLOEXEC),
              "php-worker: hang up a descriptor of the boot");
}

}  // namespace phork::sapi
