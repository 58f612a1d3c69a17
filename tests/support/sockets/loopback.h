// SPDX-License-Identifier: MIT
//
// A socket of TCP that listens on this machine, for servers of tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::testing {

struct Loopback {
  base::Fd socket;
  int port = 0;
};

// On a free port of 127.0.0.1. Throws base::SystemError.
inline Loopback listen_on_loopback() {
  Loopback made{base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  base::check(::bind(made.socket.get(), raw, size), "bind");
  base::check(::listen(made.socket.get(), SOMAXCONN), "listen");
  base::check(::getsockname(made.socket.get(), raw, &size), "getsockname");
  made.port = ntohs(address.sin_port);
  return made;
}

}  // namespace phork::testing
