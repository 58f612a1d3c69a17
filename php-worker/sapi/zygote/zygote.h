// SPDX-License-Identifier: MIT
//
// The zygote: a booted process that does nothing but fork on demand and report exits. One control
// socket (SOCK_SEQPACKET) per slot asks for children and hears of their ends; when a slot's socket
// closes, its children are killed, and when the last one closes the zygote ends.
//
// Single-threaded, and after sealing it writes as few pages as it can: each one that changes is
// copied again for every later child.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/base/socket_io.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// Sends one of the zygote's messages.
base::Status send_control(const base::Fd& control, const wire::EncodedFrame& frame);

// Called in the zygote before each fork.
using BeforeFork = std::function<void()>;

// What a child has of its own.
struct Birth {
  base::Fd channel;
  std::chrono::steady_clock::time_point asked_for;
};

// Forks on demand until every control socket is closed. Returns in each child, and in the zygote
// with nothing, when it is to end.
std::optional<Birth> fork_on_demand(std::vector<base::Fd> controls,
                                    const BeforeFork& before_fork = {});

}  // namespace phork::sapi
