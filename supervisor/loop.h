// SPDX-License-Identifier: MIT
//
// libuv's loop with an owner. Everything calls back on the thread that calls run(). Callbacks must
// not throw: libuv's frames are C. https://docs.libuv.org/en/v1.x/
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <uv.h>

#include "runtime/base/pinned.h"

namespace phork::supervisor {

// Ends a watch of the loop. May be destroyed inside its own callback; before the loop.
class Watch : private base::Pinned {
 public:
  Watch() = default;
  virtual ~Watch() = default;
};

class Loop : private base::Pinned {
 public:
  using Callback = std::function<void()>;

  // Throws base::SystemError when libuv cannot be set up.
  Loop();
  ~Loop();

  // For as long as the loop lives. Throws base::SystemError when the signal cannot be watched.
  void on_signal(int number, Callback callback);

  // Calls back as long as `fd` is readable, or its other end is closed. The descriptor outlives the
  // watch. Throws base::SystemError.
  std::unique_ptr<Watch> on_readable(int fd, Callback callback);
  // Calls back once.
  std::unique_ptr<Watch> after(std::chrono::milliseconds time, Callback callback);

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
