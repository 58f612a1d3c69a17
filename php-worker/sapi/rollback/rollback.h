// SPDX-License-Identifier: MIT
//
// What makes a zygote's child fit for another event (strategy rollback): its memory is put back to
// what it was (snapshot.h) and what the kernel holds for it is compared (kernel_state.h). A child
// that cannot be made what it was says why in a line of level debug, and ends; the supervisor has
// another one forked. docs/rollback.md says what this proves.
#pragma once

#include <optional>
#include <string>

#include "php-worker/sapi/rollback/kernel_state.h"
#include "php-worker/sapi/rollback/snapshot.h"
#include "runtime/base/result.h"

namespace phork::sapi {

class Rollback {
 public:
  // In the zygote, sealed, before anything is forked. The error says what this machine lacks.
  static base::Result<Rollback> prepare();

  // In a child, once, before it runs anything else: libraries that seed their generators anew in a
  // fork, since their process id is another one, then do so in each event. Returns once more after
  // each rollback.
  base::Status mark();

  // After an event. Returns when the process cannot serve another one.
  void run();

 private:
  explicit Rollback(Snapshot snapshot);

  void retire(const std::string& why) const;

  Snapshot snapshot_;
  std::optional<KernelState> state_;  // of the child
  bool tells_why_;
  bool checks_;
};

}  // namespace phork::sapi
