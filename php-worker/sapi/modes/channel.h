// SPDX-License-Identifier: MIT
//
// The worker's end of its socket to the supervisor (runtime/wire/PROTOCOL.md). Blocking, one
// thread.
#pragma once

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

class Channel {
 public:
  explicit Channel(base::Fd socket) : socket_(std::move(socket)) {}

  base::Status send(const wire::EncodedFrame& frame);
  // Waits for the next frame; its views hold until the next call. kDisconnected when the supervisor
  // closed its end.
  base::Result<wire::Frame> receive();

 private:
  base::Fd socket_;
  wire::FrameReader reader_;
};

}  // namespace phork::sapi
