// SPDX-License-Identifier: MIT
//
// A connection whose bytes the test decides, for things that no HTTP client would send. Waits
// at most 20 s for the other side, so that a failing test ends.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>

#include "runtime/base/fd.h"

namespace phork::emulator::test {

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{20, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    // Small parts are sent at once, like those of a runtime.
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }

  int fd() const { return fd_.get(); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }

  void close() { fd_.reset(); }

  // Bytes up to and including `end`, or all bytes when the other side closes before.
  std::string receive_until(std::string_view end) {
    std::size_t found = std::string::npos;
    while ((found = received_.find(end)) == std::string::npos && fill()) {
    }
    return take(found == std::string::npos ? received_.size() : found + end.size());
  }

  std::string receive(std::size_t bytes) {
    while (received_.size() < bytes && fill()) {
    }
    return take(bytes);
  }

  // To the end of the stream.
  std::string receive_all() {
    while (fill()) {
    }
    return take(received_.size());
  }

  // Waits for the other side to close.
  bool is_closed_by_peer() {
    while (fill()) {
    }
    return errno != EAGAIN;
  }

 private:
  bool fill() {
    std::array<char, 65536> part;
    errno = 0;
    const ssize_t got = ::recv(fd_.get(), part.data(), part.size(), 0);
    if (got > 0) received_.append(part.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  std::string take(std::size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }

  base::Fd fd_;
  bool connected_ = false;
  std::string received_;
};

}  // namespace phork::emulator::test
