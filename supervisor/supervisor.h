// SPDX-License-Identifier: MIT
//
// Owns the Runtime API: boots the strategy, then runs one thread per slot that carries each event
// from `next` to its answer without handing it to another thread. The calling thread runs the loop
// for everything else. Returns when Lambda ends the environment, a signal asks for it, or a slot
// cannot go on.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/base/exit_code.h"
#include "runtime/lambda/runtime_api.h"
#include "strategies/strategy.h"
#include "supervisor/config.h"
#include "supervisor/loop.h"

namespace phork::supervisor {

class Supervisor {
 public:
  // Makes a connection to the Runtime API; called once per slot.
  using ApiFactory = std::function<std::unique_ptr<lambda::RuntimeApi>()>;

  Supervisor(Config config, std::unique_ptr<strategies::Strategy> strategy,
             const ApiFactory& make_api);

  // The exit code. Call once.
  int run();

 private:
  int fail_init(const event::Failure& failure);
  void run_slot(unsigned index);
  base::Status serve_slot(unsigned index);
  // Until the API has no more of them. `timer` is that of the event under way.
  base::Status serve_events(lambda::RuntimeApi& api, strategies::Slot& slot,
                            logging::EventTimer& timer) const;
  // From any thread: no slot takes another event, and run() returns `code`. The first one counts.
  void stop(int code);

  Config config_;
  std::unique_ptr<strategies::Strategy> strategy_;
  std::vector<std::unique_ptr<lambda::RuntimeApi>> apis_;  // one per slot
  Loop loop_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> exit_code_{base::kOk};
};

}  // namespace phork::supervisor
