// SPDX-License-Identifier: MIT
//
// A kept connection to php-fpm. FCGI_KEEP_CONN binds one worker to it until either side closes: one
// connection is one worker, and the end of the connection is the end of that worker. Belongs to the
// thread of one slot.
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
  // A longer body is not kept: Lambda would refuse it anyway.
  static constexpr std::size_t kMaxBodyBytes = 16U << 20;

  // `socket` is non-blocking.
  explicit FpmConnection(base::Fd socket);

  // Sends a request and receives its reply. Reads while it sends: a worker may answer before it has
  // read everything, and would block for ever. kDisconnected: the connection ended first, or `ends`
  // (a pidfd, -1 for none) became readable; kTimeout: no reply by `deadline`; kInvalid: the reply
  // is not FastCGI. The connection cannot be used after an error.
  base::Result<FpmReply> exchange(const FpmRequest& request, base::Deadline deadline,
                                  int ends = -1);

  // True when the other side has closed, or has sent bytes that answer no request. Call it between
  // two requests.
  bool ended() const;

 private:
  base::Fd socket_;
  std::vector<char> buffer_;
  bool spoiled_ = false;  // bytes came after a reply, from a process that shares the socket
};

}  // namespace phork::strategies
