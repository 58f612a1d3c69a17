// SPDX-License-Identifier: MIT
//
// Moving bytes and descriptors over Unix sockets. Nothing here raises SIGPIPE: a peer that is gone
// is ErrorKind::kDisconnected.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"

namespace phork::base {

// Sends `head` and then `tail`, all of both, in as few calls as the socket allows. On a
// non-blocking socket it waits for room until `deadline`.
Status send_all(int socket, std::string_view head, std::string_view tail,
                Deadline deadline = kNoDeadline);

// Receives what is there, up to `size` bytes: kDisconnected at the end of the stream, kTimeout when
// a non-blocking socket has nothing.
Result<std::size_t> receive_some(int socket, char* data, std::size_t size);

// One message of a SOCK_SEQPACKET socket, with descriptors beside it (close-on-exec).
struct Message {
  std::string bytes;
  std::vector<Fd> descriptors;
};

// With at most four descriptors.
Status send_message(int socket, std::string_view bytes, std::span<const int> descriptors = {});
Result<Message> receive_message(int socket);

}  // namespace phork::base
