// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/self_pipes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

struct stat status_of(int number) {
  struct stat status {};

  ::fstat(number, &status);
  return status;
}

struct Question {
  nlmsghdr head;
  unix_diag_req request;
};

Question about(ino_t inode) {
  Question question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST;
  question.request.sdiag_family = AF_UNIX;
  question.request.udiag_states = ~0U;
  question.request.udiag_ino = static_cast<__u32>(inode);
  question.request.udiag_cookie[0] = ~0U;  // any
  question.request.udiag_cookie[1] = ~0U;
  question.request.udiag_show = UDIAG_SHOW_PEER;
  return question;
}

// The attribute UNIX_DIAG_PEER of an answer of `length` bytes: man 7 sock_diag.
std::optional<ino_t> read_peer(const char* answer, std::size_t length) {
  nlmsghdr head{};
  std::size_t at = NLMSG_ALIGN(sizeof head) + NLMSG_ALIGN(sizeof(unix_diag_msg));
  if (length < at) return std::nullopt;
  std::memcpy(&head, answer, sizeof head);
  if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  while (at + sizeof(rtattr) <= length) {
    rtattr attribute{};
    std::memcpy(&attribute, answer + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute) return std::nullopt;
    __u32 inode = 0;
    if (attribute.rta_type == UNIX_DIAG_PEER && at + RTA_LENGTH(sizeof inode) <= length) {
      std::memcpy(&inode, answer + at + RTA_LENGTH(0), sizeof inode);
      return inode;
    }
    at += RTA_ALIGN(attribute.rta_len);
  }
  return std::nullopt;
}

// The inode of the socket that the Unix socket `number` is connected to. Nothing where the kernel
// does not tell: it answers over netlink only (man 7 sock_diag), and its module unix_diag may be
// missing, or netlink forbidden.
std::optional<ino_t> find_unix_peer(int number) {
  struct stat status {};

  const base::Fd kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!kernel.valid() || ::fstat(number, &status) != 0) return std::nullopt;
  const Question question = about(status.st_ino);
  if (::send(kernel.get(), &question, sizeof question, 0) == -1) return std::nullopt;
  std::array<char, 1024> answer{};
  // The kernel answers while the question is being sent.
  const ssize_t got = ::recv(kernel.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  return got <= 0 ? std::nullopt : read_peer(answer.data(), static_cast<std::size_t>(got));
}

// True when everything that was written has been read.
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

// Both ends of a pipe have the same inode. With a third descriptor the pipe is not replaced,
// because that descriptor would stay with the old one.
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
  end.kind = DescriptorKind::kSelfPipe;
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

void pair_self_pipes(std::vector<OpenDescriptor>& descriptors) {
  for (OpenDescriptor& descriptor : descriptors) {
    const mode_t mode = status_of(descriptor.number).st_mode;
    if (S_ISSOCK(mode) && descriptor.kind == DescriptorKind::kSelfPipe) {
      join_socket(descriptors, descriptor);
    } else if (S_ISFIFO(mode) && descriptor.kind == DescriptorKind::kOther) {
      join_pipe(descriptors, descriptor);
    }
  }
}

}  // namespace phork::sapi
