// SPDX-License-Identifier: MIT
//
// What a socket is, in words for the one who opened it: protocol, state, address. Never what went
// over it. No PHP.
#pragma once

#include <string>

namespace phork::sapi {

struct SocketName {
  std::string text;        // "a TCP connection to 10.0.0.5:3306"
  bool made_here = false;  // both ends were made by this process, as by socketpair()
};

SocketName name_socket(int number);

}  // namespace phork::sapi
