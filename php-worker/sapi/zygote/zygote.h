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
#include <sys/types.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/base/socket_io.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// Sends one message of the zygote.
base::Status send_control(const base::Fd& control, const wire::EncodedFrame& frame);

// The work of a zygote beside forking.
class Chores {
 public:
  virtual ~Chores() = default;

  // Called before each fork, while a slot waits: has to be quick.
  virtual void before_fork() = 0;
  // Called after each message and each end of a process. Returns soon once `asked()` is true: a
  // slot's message waits. Called again after it.
  virtual void work(const std::function<bool()>& asked) = 0;
  // The process that works for the chores, which is not a child for an event; 0 when there is none.
  virtual pid_t helper() const = 0;
  // The helper has ended and was reaped.
  virtual void helper_ended() = 0;
};

// The first possessions of a new child: its channel, and the time at which it was asked for.
struct Birth {
  base::Fd channel;
  std::chrono::steady_clock::time_point asked_for;
};

// Forks on demand until every control socket is closed. Returns a value in each child, and nothing
// in the zygote when it has to end.
std::optional<Birth> fork_on_demand(std::vector<base::Fd> controls, Chores& chores);

}  // namespace phork::sapi
