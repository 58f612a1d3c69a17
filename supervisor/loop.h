// SPDX-License-Identifier: MIT
//
// libuv's loop with an owner: signals call back on the thread that calls run(), away from the
// threads that serve events. Watches live as long as the loop. Callbacks must not throw: libuv's
// frames are C. https://docs.libuv.org/en/v1.x/
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <uv.h>

#include "runtime/base/pinned.h"

namespace phork::supervisor {

class Loop : private base::Pinned {
 public:
  using Callback = std::function<void()>;

  // Throws base::SystemError when libuv cannot be set up.
  Loop();
  ~Loop();

  // Throws base::SystemError when the signal cannot be watched.
  void on_signal(int number, Callback callback);

  // Returns after stop().
  void run();
  // From any thread, at any time; after a stop before run(), run() returns at once.
  void stop();

 private:
  struct SignalWatch {
    uv_signal_t handle{};
    Callback callback;
  };

  uv_loop_t loop_{};
  uv_async_t stop_request_{};
  // Behind pointers: libuv holds their addresses.
  std::vector<std::unique_ptr<SignalWatch>> signals_;
};

}  // namespace phork::supervisor
