// SPDX-License-Identifier: MIT
//
// The zygote: a booted process that only forks, and reaps its children. Each slot of the supervisor
// has two seats, whose children pass the slot's turn to one another (runtime/slot/page.h); the
// supervisor says which seats to fork for, and hears only of children that ended badly
// (runtime/slot/zygote_message.h). When the control socket closes, all children are killed.
//
// Single-threaded. After sealing it writes as few pages as it can, because every later child has to
// copy each page that changes again.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/types.h>
#include <variant>
#include <vector>

#include "php-worker/sapi/zygote/inherited_values.h"
#include "runtime/base/fd.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/slot/worker_side.h"

namespace phork::sapi {

// The work of a zygote beside forking.
class Chores {
 public:
  virtual ~Chores() = default;

  // Called before each fork, while a slot waits: has to be quick.
  virtual void before_fork() = 0;
  // Called after each message and each end of a process. Returns soon once `asked()` is true: a
  // slot's message waits. Called again after it.
  virtual void work(const std::function<bool()>& asked) = 0;
  // Asked after work(). True, once for each reason, when another zygote has to replace this one.
  virtual bool wants_successor() = 0;
  // The process that works for the chores, which is not a child for an event; 0 when there is none.
  virtual pid_t helper() const = 0;
  // The helper has ended and was reaped.
  virtual void helper_ended() = 0;
};

// The place of a child, with the write ends of its output pipes.
struct Seat {
  std::unique_ptr<slot::WorkerSide> side;
  base::Fd output;
  base::Fd error;
};

struct Slot {
  std::array<Seat, 2> seats;
  // The slot's connection to Lambda, which its children use in turns.
  std::unique_ptr<lambda::HttpRuntimeApi> api;
};

// When a child is forked for a seat:
enum class ForkWhen : std::uint8_t {
  kTurnComes,  // it gets the turn
  kAnswered,   // the other seat's child has answered its event
  kFree,       // always
};

// The place of a new child, and the time at which its fork began.
struct Birth {
  slot::WorkerSide& seat;
  lambda::HttpRuntimeApi& api;
  std::chrono::steady_clock::time_point begun;
};

// How a zygote's work ends: it was told to end or cannot fork any more, or nobody supervises it.
enum class ForkingEnd : std::uint8_t { kOrderly, kAbandoned };

// Forks until the supervisor says otherwise. Returns a birth in each child, where `slots` holds
// nothing but what the child needs, and an end in the zygote. After `most_children`, unless that is
// 0, the supervisor is told.
std::variant<Birth, ForkingEnd> fork_children(const base::Fd& control, std::vector<Slot>& slots,
                                              ForkWhen when, unsigned most_children, Chores& chores,
                                              InheritedValues& values);

}  // namespace phork::sapi
