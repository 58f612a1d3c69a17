// SPDX-License-Identifier: MIT
//
// The environments of one function, as many as its concurrency allows, and which of them start
// when. An event finds a free one without any help from here (dispatcher.h); this is for those that
// must wait. Each of them gets an environment of its own started, a stopped one before a new one,
// while there may be more; but the first that becomes free takes the oldest event, whichever it is.
// One that has answered its last event and is about to ask for the next is as good as free for a
// while (Dispatcher::kQueueTimeout): what a caller sends right after an answer is no reason to
// start another. Owns the environments; they stay until it goes. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "emulator/environments/environment.h"
#include "emulator/environments/function_context.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Fleet : private base::Pinned {
 public:
  explicit Fleet(const FunctionContext& context) : context_(context) {}

  ~Fleet() { stop(); }

  // Starts one environment and waits for its init; as Environment::first_init().
  base::Status start();
  // Starts what the events that wait call for.
  void scale();
  // Every environment ends as soon as it has no event under way; fresh ones follow.
  void renew();
  // Makes start() return and processes end.
  void request_stop();
  // Returns when all processes are gone. Nobody may be about to offer or submit events any more.
  void stop();

 private:
  base::Status add();
  Environment* find_startable();

  const FunctionContext context_;
  std::mutex mutex_;  // guards what follows; once it is stopping, nothing is added any more
  std::vector<std::unique_ptr<Environment>> environments_;
  bool stopping_ = false;
  bool full_ = false;  // the machine has no room for more
};

}  // namespace phork::emulator
