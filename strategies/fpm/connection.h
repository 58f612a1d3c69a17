// SPDX-License-Identifier: MIT
//
// A kept connection to php-fpm. FCGI_KEEP_CONN binds one worker to it until either side closes, so
// that one connection is one worker, and the end of the connection is the end of the worker.
// Belongs to one slot and its thread.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "strategies/fpm/messages.h"

namespace phork::strategies {

class FpmConnection {
 public:
  // Bytes of a body that are kept; Lambda takes no answer as long as that.
  static constexpr std::size_t kMostBodyBytes = 16U << 20;

  // `socket` is non-blocking.
  explicit FpmConnection(base::Fd socket);

  // Sends a request and receives its reply; reads while it sends, so that a worker which answers
  // before it has read everything is not waited for in vain. kDisconnected: the connection ended
  // first, or `ends` (a pidfd, -1 for none) became readable; kTimeout: no reply by `deadline`;
  // kInvalid: what came is no FastCGI. After an error the connection is of no use.
  base::Result<FpmReply> exchange(const FpmRequest& request, base::Deadline deadline,
                                  int ends = -1);

  // Whether the other side has closed, or sent what nobody asked for. Between requests.
  bool ended() const;

 private:
  base::Fd socket_;
  std::vector<char> buffer_;
  bool spoiled_ = false;  // something came behind a reply, from a process that shares the socket
};

}  // namespace phork::strategies
