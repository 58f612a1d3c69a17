// SPDX-License-Identifier: MIT
//
// The messages between the supervisor and a zygote, each a datagram of their control socket. A
// zygote forks only for seats that it has: the supervisor gives them, and a seat comes back when
// its child ended otherwise than it should. A child that ends well costs no message. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::slot {

struct ZygoteMessage {
  enum class Kind : std::uint8_t {
    // From the zygote. The first is one of two:
    kBooted = 1,      // under SnapStart it waits for kRestore now
    kBootFailed,      // `failure`; the zygote ends. Also of a hook of Phork\onRestore
    kRestored,        // the hooks of Phork\onRestore have run
    kSeatBack,        // a seat whose last child ended with the wait status `value`
    kWantsSuccessor,  // it has had as many children as PHORK_MAX_EVENTS says, or its opcache is
                      // spent
    // To the zygote:
    kRestore,    // the environment has been restored from a snapshot
    kTakeSeat,   // fork for this seat
    kSignal,     // send `value` to the seat's child if it is the one that was seen; SIGKILL to its
                 // group, too
    kLookAgain,  // a turn has been passed
    kRetire,     // give each seat back when its child has ended, then end
    kStop,       // end the children that have no event, then end
  };

  Kind kind{};
  std::uint32_t slot = 0;
  std::uint32_t seat = 0;  // 0 or 1
  std::int32_t value = 0;
  // When the supervisor saw the child that it means (steady clock), and with which event. Since
  // then another child may have taken the seat, or this one another event.
  std::int64_t seen_ns = 0;
  std::uint32_t event = 0;
  event::Failure failure = {};
};

std::string encode(const ZygoteMessage& message);
base::Result<ZygoteMessage> decode_zygote_message(std::string_view bytes);

}  // namespace phork::slot
