// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/unix_peer.h"

#include <array>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

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

}  // namespace

std::optional<ino_t> find_unix_peer(int number) {
  struct stat status {};

  const base::Fd kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!kernel.valid() || ::fstat(number, &status) != 0) return std::nullopt;
  const Question question = about(status.st_ino);
  if (::send(kernel.get(), &question, sizeof question, 0) == -1) return std::nullopt;
  std::array<char, 1024> answer{};
  // Answers are made while the question is sent.
  const ssize_t got = ::recv(kernel.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  return got <= 0 ? std::nullopt : read_peer(answer.data(), static_cast<std::size_t>(got));
}

}  // namespace phork::sapi
