// SPDX-License-Identifier: MIT
//
// libuv's loop with owners: everything that is off the path of an event (signals, ends of
// long-lived processes, their output) comes through here, on the thread that calls run(). Watches
// live as long as the loop. Callbacks must not throw: libuv's frames are C.
// https://docs.libuv.org/en/v1.x/
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

  void on_signal(int number, Callback callback);
  // Calls back while `fd` is readable or at its end. The caller keeps it open, and stops the watch
  // with unwatch() before closing it.
  void on_readable(int fd, Callback callback);
  void unwatch(int fd);

  // Until stop().
  void run();
  // From any thread, at any time; after a stop before run(), run() returns at once.
  void stop();

 private:
  struct SignalWatch {
    uv_signal_t handle{};
    Callback callback;
  };

  struct ReadWatch {
    uv_poll_t handle{};
    int fd = -1;
    Callback callback;
  };

  uv_loop_t loop_{};
  uv_async_t stop_request_{};
  // Behind pointers: libuv holds their addresses.
  std::vector<std::unique_ptr<SignalWatch>> signals_;
  std::vector<std::unique_ptr<ReadWatch>> reads_;
};

}  // namespace phork::supervisor
