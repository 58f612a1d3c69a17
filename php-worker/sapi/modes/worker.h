// SPDX-License-Identifier: MIT
//
// A worker: it serves one event over its channel to the supervisor, and ends. Strategies exec,
// prespawn and fork differ only in where the process comes from; under rollback it may serve
// another event.
#pragma once

#include "php-worker/sapi/application.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// The worker's end of its socket to the supervisor (runtime/wire/PROTOCOL.md). Blocking, one
// thread.
class Channel {
 public:
  explicit Channel(base::Fd socket) : socket_(std::move(socket)) {}

  base::Status send(const wire::EncodedFrame& frame);
  // Waits for the next frame; its views stay valid until the next call. kDisconnected when the
  // supervisor closed its end.
  base::Result<wire::Frame> receive();

 private:
  base::Fd socket_;
  wire::FrameReader reader_;
};

// Says ready, waits for the event, serves it and closes what it has opened. Returns what the event
// cost. Ends the process when no event comes, the event's frame is invalid or the channel fails.
wire::Usage serve_event(Application& application, Channel& channel, const wire::Ready& ready);

// Ends the process without shutting PHP down: everything that others could see is finished.
[[noreturn]] void end_worker();

// serve_event(), then end_worker().
[[noreturn]] void serve_one_event(Application& application, Channel& channel,
                                  const wire::Ready& ready);

// For a child that cannot serve, for example because a Phork\onFork hook failed in it. It says
// ready and takes an event all the same, so that the caller hears of the failure; then the process
// ends.
[[noreturn]] void refuse_one_event(Channel& channel, const wire::Ready& ready,
                                   const event::Failure& failure);

}  // namespace phork::sapi
