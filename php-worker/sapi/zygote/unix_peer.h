// SPDX-License-Identifier: MIT
//
// Which sockets belong together: the kernel tells it over netlink only (man 7 sock_diag). No PHP.
#pragma once

#include <optional>
#include <sys/types.h>

namespace phork::sapi {

// The inode of the socket that a Unix socket is connected to; nothing where the kernel does not
// tell (its module unix_diag is missing, or netlink is forbidden).
std::optional<ino_t> find_unix_peer(int number);

}  // namespace phork::sapi
