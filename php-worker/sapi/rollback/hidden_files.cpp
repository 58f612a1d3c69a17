// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/hidden_files.h"

#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace phork::sapi {
namespace {

// A message with one byte of text, because a message without text carries no descriptors.
struct Message {
  msghdr header{};
  iovec text_place{};
  char text = 0;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(ShownFiles::kMost * sizeof(int))> control{};

  Message() {
    text_place = {&text, 1};
    header.msg_iov = &text_place;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
};

}  // namespace

void ShownFiles::close() {
  // One call when the numbers follow one another.
  for (std::size_t first = 0; first < count_;) {
    std::size_t end = first + 1;
    while (end < count_ && numbers_.at(end) == numbers_.at(end - 1) + 1) ++end;
    const auto from = static_cast<unsigned>(numbers_.at(first));
    const auto to = static_cast<unsigned>(numbers_.at(end - 1));
    if (::close_range(from, to, 0) == -1) {  // before Linux 5.9
      for (std::size_t i = first; i < end; ++i) ::close(numbers_.at(i));
    }
    first = end;
  }
  count_ = 0;
}

HiddenFiles::HiddenFiles() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == -1) {
    return;
  }
  holder_ = base::Fd(ends[0]);
  sender_ = base::Fd(ends[1]);
}

bool HiddenFiles::hide(std::span<const int> files) {
  const base::Fd sender = std::move(sender_);
  if (files.empty() || files.size() > ShownFiles::kMost) return false;
  Message message;
  message.header.msg_controllen = CMSG_SPACE(files.size_bytes());
  cmsghdr* const control = CMSG_FIRSTHDR(&message.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(files.size_bytes());
  std::memcpy(CMSG_DATA(control), files.data(), files.size_bytes());
  // The message stays after the sender is closed.
  if (::sendmsg(sender.get(), &message.header, MSG_NOSIGNAL) != 1) return false;
  count_ = files.size();
  return true;
}

void HiddenFiles::show(ShownFiles& shown) const {
  shown.close();
  if (count_ == 0) return;
  Message message;
  if (::recvmsg(holder_.get(), &message.header, MSG_PEEK | MSG_CMSG_CLOEXEC) < 0) return;
  const cmsghdr* const control = CMSG_FIRSTHDR(&message.header);
  if (control == nullptr || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
    return;
  }
  const std::size_t bytes = control->cmsg_len - CMSG_LEN(0);
  std::memcpy(shown.numbers_.data(), CMSG_DATA(control), bytes);
  shown.count_ = bytes / sizeof(int);
  // Some of them are of no use, and may belong to another message.
  if (shown.count_ != count_) shown.close();
}

}  // namespace phork::sapi
