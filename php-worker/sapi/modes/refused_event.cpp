// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/refused_event.h"

#include <cstdio>
#include <unistd.h>

#include "php-worker/sapi/failure.h"
#include "runtime/base/log.h"

namespace phork::sapi {

void refuse_one_event(Channel& channel, const wire::Ready& ready, const event::Failure& failure) {
  if (channel.send(wire::encode(ready)) && channel.receive()) {
    const auto sent =
        channel.send(wire::encode(wire::FrameType::kFailure, wire::Failed{{}, shortened(failure)}));
    if (!sent) base::log_error(sent.error().text);
  }
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace phork::sapi
