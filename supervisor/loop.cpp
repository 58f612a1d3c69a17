// SPDX-License-Identifier: MIT
#include "supervisor/loop.h"

#include <string>
#include <utility>

#include "runtime/base/result.h"

namespace phork::supervisor {
namespace {

// libuv gives errno values negated.
void check(int returned, const char* what) {
  if (returned < 0) throw base::SystemError(-returned, what);
}

void close_handle(uv_handle_t* handle, void* /*unused*/) noexcept {
  if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
}

}  // namespace

Loop::Loop() {
  check(uv_loop_init(&loop_), "loop: start");
  check(uv_async_init(&loop_, &stop_request_,
                      [](uv_async_t* handle) noexcept { uv_stop(handle->loop); }),
        "loop: start");
}

Loop::~Loop() {
  uv_walk(&loop_, close_handle, nullptr);
  // Lets libuv finish the closes; nothing else is left to run.
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

void Loop::on_signal(int number, Callback callback) {
  auto watch = std::make_unique<SignalWatch>();
  watch->callback = std::move(callback);
  watch->handle.data = watch.get();
  check(uv_signal_init(&loop_, &watch->handle), "loop: watch signal");
  // The loop has the handle now, even if it cannot be started.
  uv_signal_t& handle = signals_.emplace_back(std::move(watch))->handle;
  check(uv_signal_start(
            &handle,
            [](uv_signal_t* signalled, int) noexcept {
              static_cast<SignalWatch*>(signalled->data)->callback();
            },
            number),
        "loop: watch signal");
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Loop::stop() {
  check(uv_async_send(&stop_request_), "loop: stop");
}

}  // namespace phork::supervisor
