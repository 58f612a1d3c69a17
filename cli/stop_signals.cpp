// SPDX-License-Identifier: MIT
#include "cli/stop_signals.h"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace phork::cli {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  // Wakes the watcher; the signal goes to that thread only.
  ::pthread_kill(watcher_.native_handle(), SIGINT);
  watcher_.join();
}

void StopSignals::on_stop(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
  if (stopped_ && hook_) hook_();
}

void StopSignals::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_; });
}

void StopSignals::watch() {
  const sigset_t signals = stop_signals();
  while (true) {
    int number = 0;
    if (::sigwait(&signals, &number) != 0) continue;
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    // Ignore repeats: wrappers often send a signal twice, and stopping has a time limit.
    if (std::exchange(stopped_, true)) continue;
    if (hook_) hook_();
    changed_.notify_all();
  }
}

}  // namespace phork::cli
