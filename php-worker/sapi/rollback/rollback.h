// SPDX-License-Identifier: MIT
//
// Makes a zygote's child fit for another event (strategy rollback): puts its memory back
// (snapshot.h) and compares what the kernel holds for it (kernel_state.h). A child that cannot be
// restored logs why, in a line of level debug, and ends; the zygote forks another one.
// docs/rollback.md says what this proves.
#pragma once

#include <memory>
#include <string>

#include "php-worker/sapi/rollback/kernel_state.h"
#include "php-worker/sapi/rollback/snapshot.h"
#include "runtime/base/result.h"

namespace phork::sapi {

// True when PHP code can make any system call, by extension FFI.
bool has_ffi();

class Rollback {
 public:
  // In a zygote whose children are to be rolled back, before PHP starts: lets the C library keep
  // blocks of up to 32 MB in its heap. Outside of it a block is a mapping of its own, which
  // realloc() moves and free() removes. Before Linux 6.10 an event can do that to one of the boot,
  // such as the buffer of PHP's cycle collector, and its process could not be put back.
  static void keep_blocks_in_heap();

  // In the sealed zygote, before its first fork. The error says what this machine lacks.
  static base::Result<Rollback> prepare();

  // In a child, once, before it runs anything else. Libraries that reseed their generators when the
  // process id has changed, as it has after a fork, then do so in every event. Returns again after
  // each rollback.
  base::Status mark();

  // After an event. Does not return after a rollback (mark() does); returns when the process cannot
  // serve another event.
  void run();

 private:
  explicit Rollback(Snapshot snapshot);

  void check_signs();
  void retire(const std::string& why) const;

  Snapshot snapshot_;
  std::unique_ptr<KernelState> state_;  // of the child
  bool has_ffi_;
  bool tells_why_;
  bool checks_;
};

}  // namespace phork::sapi
