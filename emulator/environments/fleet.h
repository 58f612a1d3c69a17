// SPDX-License-Identifier: MIT
//
// The environments of one function, up to its concurrency, and the decision when to start one. An
// event finds a free environment through the dispatcher alone (dispatcher.h); the fleet acts only
// on events that must wait. For each of them it starts an environment, a stopped one before a new
// one; but the oldest event goes to the first environment that is free, whichever that is. An
// environment that has just answered counts as free for a while (Dispatcher::kQueueTimeout), so
// that a caller who sends the next event right after an answer does not start another one. Owns the
// environments, until it is destroyed. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "emulator/environments/environment.h"
#include "emulator/environments/journal.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Fleet : private base::Pinned {
 public:
  explicit Fleet(const FunctionContext& context) : context_(context) {}

  ~Fleet() { stop(); }

  // Starts one environment and waits for its init; for the result see Environment::first_init().
  base::Status start();
  // Starts environments for the events that wait.
  void scale();
  // Ends each environment as soon as it has no event under way; fresh ones start on demand.
  void renew();
  // Makes start() return and the processes end; does not wait.
  void request_stop();
  // Returns when all processes have ended. No thread may offer or submit events any more.
  void stop();

 private:
  base::Status add();
  Environment* find_startable();

  const FunctionContext context_;
  std::mutex mutex_;  // guards what follows; environments_ stays as it is once stopping_ is set
  std::vector<std::unique_ptr<Environment>> environments_;
  bool stopping_ = false;
  bool full_ = false;  // the machine could not start another one
};

}  // namespace phork::emulator
