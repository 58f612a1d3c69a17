// SPDX-License-Identifier: MIT
//
// Writing pieces of text to a descriptor to their last byte, whatever it is: pipe, file or
// terminal. For sockets with deadlines see socket_io.h.
#pragma once

#include <span>
#include <sys/uio.h>

#include "runtime/base/result.h"

namespace phork::base {

// As few writev(2) as the descriptor allows; one when it takes everything. Waits where it is full,
// non-blocking or not. `parts` is used up. kDisconnected: nobody reads any more.
Status write_all(int fd, std::span<iovec> parts);

// A piece for it. The kernel only reads through the pointer, whatever iovec's type says.
inline iovec piece(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

}  // namespace phork::base
