// SPDX-License-Identifier: MIT
//
// The zygote: a booted process that only forks on demand and reports exits. Each slot of the
// supervisor has one control socket (SOCK_SEQPACKET), by which it asks for children and hears of
// their ends. When a slot's socket closes, its children are killed; when the last socket closes,
// the zygote ends.
//
// Single-threaded. After sealing it writes as few pages as it can, because every later child has to
// copy each page that changes again.
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

// Sends one message of the zygote.
base::Status send_control(const base::Fd& control, const wire::EncodedFrame& frame);

// Called in the zygote before each fork.
using BeforeFork = std::function<void()>;

// The first possessions of a new child: its channel, and the time at which it was asked for.
struct Birth {
  base::Fd channel;
  std::chrono::steady_clock::time_point asked_for;
};

// Forks on demand until every control socket is closed. Returns a value in each child, and nothing
// in the zygote when it has to end.
std::optional<Birth> fork_on_demand(std::vector<base::Fd> controls,
                                    const BeforeFork& before_fork = {});

}  // namespace phork::sapi
