// SPDX-License-Identifier: MIT
#include "runtime/base/socket_io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>

namespace phork::base {
namespace {

constexpr std::size_t kMaxDescriptors = 4;
constexpr std::size_t kControlBytes = CMSG_SPACE(kMaxDescriptors * sizeof(int));

Error transfer_error(const char* what, int code) {
  Error error = system_error(what, code);
  if (code == EPIPE || code == ECONNRESET) error.kind = ErrorKind::kDisconnected;
  return error;
}

std::vector<Fd> take_descriptors(msghdr& header) {
  std::vector<Fd> taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::array<int, kMaxDescriptors> raw{};
    std::memcpy(raw.data(), CMSG_DATA(part), count * sizeof(int));
    std::for_each_n(raw.begin(), count, [&taken](int fd) { taken.emplace_back(fd); });
  }
  return taken;
}

}  // namespace

Status send_all(int socket, std::string_view head, std::string_view tail, Deadline deadline) {
  std::array<iovec, 2> parts{as_iovec(head), as_iovec(tail)};
  while (total_size(parts) > 0) {
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    if (sent >= 0) {
      base::advance(parts, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_writable(socket, deadline)) {
        return Error{ErrorKind::kTimeout, "base: send: the other side does not read"};
      }
    } else if (errno != EINTR) {
      return transfer_error("base: send", errno);
    }
  }
  return ok_status();
}

Result<std::size_t> receive_some(int socket, char* data, std::size_t size) {
  for (;;) {
    const ssize_t got = ::recv(socket, data, size, 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return Error{ErrorKind::kDisconnected, "base: receive: end of stream"};
    if (errno == EAGAIN) return Error{ErrorKind::kTimeout, "base: receive: nothing there"};
    if (errno != EINTR) return transfer_error("base: receive", errno);
  }
}

Status send_message(int socket, std::string_view bytes, std::span<const int> descriptors) {
  if (descriptors.size() > kMaxDescriptors) {
    return Error{ErrorKind::kInvalid, "base: send message: expected at most " +
                                          std::to_string(kMaxDescriptors) + " descriptors, got " +
                                          std::to_string(descriptors.size()) + " [bug]"};
  }
  iovec part = as_iovec(bytes);
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  while (::sendmsg(socket, &header, MSG_NOSIGNAL) == -1) {
    if (errno != EINTR) return transfer_error("base: send message", errno);
  }
  return ok_status();
}

Result<Message> receive_message(int socket) {
  // MSG_TRUNC makes the kernel tell the whole length, which MSG_PEEK leaves in place.
  ssize_t length = -1;
  while ((length = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC)) == -1) {
    if (errno != EINTR) return transfer_error("base: receive message", errno);
  }
  std::string bytes(static_cast<std::size_t>(length), '\0');
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = -1;
  while ((got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC)) == -1) {
    if (errno != EINTR) return transfer_error("base: receive message", errno);
  }
  std::vector<Fd> descriptors = take_descriptors(header);
  if (got == 0) return Error{ErrorKind::kDisconnected, "base: receive message: end of stream"};
  return Message{std::move(bytes), std::move(descriptors)};
}

}  // namespace phork::base
