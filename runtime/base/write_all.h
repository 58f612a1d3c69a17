// SPDX-License-Identifier: MIT
//
// Writing pieces of text to a descriptor to their last byte, whatever it is: pipe, file or
// terminal. For sockets with deadlines see socket_io.h.
#pragma once

#include <span>

#include "runtime/base/pieces.h"
#include "runtime/base/result.h"

namespace phork::base {

// As few writev(2) as the descriptor allows; one when it takes everything, none for nothing. Waits
// where it is full, non-blocking or not. `parts` is used up. kDisconnected: nobody reads any more.
Status write_all(int fd, std::span<iovec> parts);

}  // namespace phork::base
