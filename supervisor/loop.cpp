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

// A libuv handle with its callback. libuv holds its address until the close has been carried out,
// which is after the owner has gone.
template <typename Handle>
struct Watched {
  Handle handle{};
  Loop::Callback callback;
};

template <typename Handle>
class HandleWatch final : public Watch {
 public:
  explicit HandleWatch(Loop::Callback callback)
      : watched_(new Watched<Handle>{{}, std::move(callback)}) {
    watched_->handle.data = watched_;
  }

  ~HandleWatch() override {
    if (!opened_) {
      delete watched_;
      return;
    }
    uv_close(reinterpret_cast<uv_handle_t*>(&watched_->handle), [](uv_handle_t* closed) noexcept {
      delete static_cast<Watched<Handle>*>(closed->data);
    });
  }

  // `returned` is what libuv said to opening the handle.
  void opened(int returned, const char* what) {
    check(returned, what);
    opened_ = true;
  }

  Handle* handle() { return &watched_->handle; }

 private:
  Watched<Handle>* const watched_;
  bool opened_ = false;
};

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

std::unique_ptr<Watch> Loop::on_readable(int fd, Callback callback) {
  auto watch = std::make_unique<HandleWatch<uv_poll_t>>(std::move(callback));
  watch->opened(uv_poll_init(&loop_, watch->handle(), fd), "loop: watch descriptor");
  check(uv_poll_start(watch->handle(), UV_READABLE | UV_DISCONNECT,
                      [](uv_poll_t* polled, int, int) noexcept {
                        static_cast<Watched<uv_poll_t>*>(polled->data)->callback();
                      }),
        "loop: watch descriptor");
  return watch;
}

std::unique_ptr<Watch> Loop::after(std::chrono::milliseconds time, Callback callback) {
  auto watch = std::make_unique<HandleWatch<uv_timer_t>>(std::move(callback));
  watch->opened(uv_timer_init(&loop_, watch->handle()), "loop: start timer");
  check(uv_timer_start(
            watch->handle(),
            [](uv_timer_t* timer) noexcept {
              static_cast<Watched<uv_timer_t>*>(timer->data)->callback();
            },
            static_cast<std::uint64_t>(time.count()), 0),
        "loop: start timer");
  return watch;
}

void Loop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void Loop::stop() {
  check(uv_async_send(&stop_request_), "loop: stop");
}

}  // namespace phork::supervisor
