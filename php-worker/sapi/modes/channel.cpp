// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/channel.h"

#include "runtime/base/socket_io.h"

namespace phork::sapi {

base::Status Channel::send(const wire::EncodedFrame& frame) {
  return base::send_all(socket_.get(), frame.head, frame.tail);
}

base::Result<wire::Frame> Channel::receive() {
  reader_.drop();
  for (;;) {
    const auto state = reader_.poll();
    if (!state) return state.error();
    if (state.value() == wire::FrameReader::State::kFrame) return reader_.frame();
    const wire::FrameReader::Space space = reader_.space();
    const auto got = base::receive_some(socket_.get(), space.data, space.size);
    if (!got) return got.error();
    reader_.commit(got.value());
  }
}

}  // namespace phork::sapi
