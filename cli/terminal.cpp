// SPDX-License-Identifier: MIT
#include "cli/terminal.h"

#include <array>
#include <csignal>
#include <pthread.h>
#include <utility>

#include "audit/text_layout.h"
#include "runtime/base/io.h"

namespace phork::cli {
namespace {

constexpr int kSignalled = 128;

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);

  // nohup(1) has it ignored, which has to stay so.
  struct sigaction hangup {};

  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) ::sigaddset(&signals, SIGHUP);
  return signals;
}

constexpr std::string_view kEraseLine = "\r\033[K";
// One column less than the narrowest usual terminal: a full line would wrap and could not be
// erased.
constexpr std::size_t kWidth = 79;

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
  if (number_ != 0 && hook_) hook_();
}

void StopSignals::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return number_ != 0; });
}

int StopSignals::stopped_code() {
  const std::lock_guard lock(mutex_);
  return number_ == 0 ? 0 : kSignalled + number_;
}

void StopSignals::watch() {
  const sigset_t signals = stop_signals();
  while (true) {
    int number = 0;
    if (::sigwait(&signals, &number) != 0) continue;
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    // Ignore repeats: wrappers often send a signal twice, and stopping has a time limit.
    if (number_ != 0) continue;
    number_ = number;
    if (hook_) hook_();
    changed_.notify_all();
  }
}

Progress::Progress(int fd, bool terminal, std::string name)
    : fd_(fd), terminal_(terminal), name_(std::move(name)) {}

void Progress::show(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const std::string line = name_ + ": " + audit::plain(text);
  if (!terminal_) {
    write(line + '\n');
    return;
  }
  write(std::string(kEraseLine) + line.substr(0, kWidth));
  shown_ = true;
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  write(kEraseLine);
  shown_ = false;
}

void Progress::write(std::string_view text) const {
  std::array<iovec, 1> parts{base::as_iovec(text)};
  static_cast<void>(base::write_all(fd_, parts).ok());
}

}  // namespace phork::cli
