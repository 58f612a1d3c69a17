// SPDX-License-Identifier: MIT
//
// SnapStart: tells Lambda that this environment is ready for its snapshot, and waits for the moment
// at which it, or a copy of it, goes on. Asked once for each environment, before any `next`,
// whatever processes serve. The loop's thread. docs/snapstart.md
// https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html
#pragma once

#include <functional>
#include <memory>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/http_runtime_api.h"
#include "supervisor/loop.h"

namespace phork::supervisor {

class Restore : private base::Pinned {
 public:
  struct Callbacks {
    // Once: on Lambda after the restore, which may be long after the snapshot, and in another
    // machine; also when the API says that it makes no snapshots (logged).
    std::function<void()> restored;
    // Or this, once: the API is gone, or refuses.
    std::function<void(const base::Error&)> failed;
  };

  Restore(Loop& loop, const lambda::Endpoint& endpoint, Callbacks callbacks)
      : loop_(loop), api_(endpoint), callbacks_(std::move(callbacks)) {}

  // Call once.
  void ask();

 private:
  void on_reply();
  void try_again(const base::Error& error);

  Loop& loop_;
  lambda::HttpRuntimeApi api_;
  const Callbacks callbacks_;
  std::unique_ptr<Watch> watch_;
  unsigned lost_ = 0;  // connections
};

}  // namespace phork::supervisor
