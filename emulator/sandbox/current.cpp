// SPDX-License-Identifier: MIT
#include "emulator/sandbox/current.h"

#include <csignal>
#include <utility>

namespace phork::emulator {

Sandbox* CurrentSandbox::enter(std::unique_ptr<Sandbox> sandbox) {
  const std::lock_guard lock(mutex_);
  std::swap(sandbox_, sandbox);
  lives_ = true;
  started_ = false;
  parked_early_ = nullptr;
  may_freeze_ = false;
  frozen_ = false;
  return sandbox_.get();
}

void CurrentSandbox::started() {
  const std::lock_guard lock(mutex_);
  started_ = lives_;
  if (const auto frozen = std::exchange(parked_early_, nullptr)) freeze(frozen);
}

void CurrentSandbox::leave() {
  const std::lock_guard lock(mutex_);
  lives_ = false;
  started_ = false;
  may_freeze_ = false;
  if (std::exchange(frozen_, false)) sandbox_->thaw();
}

void CurrentSandbox::clear() {
  leave();
  std::unique_ptr<Sandbox> ended;  // destroyed after unlocking: removing groups may take a while
  const std::lock_guard lock(mutex_);
  std::swap(sandbox_, ended);
}

void CurrentSandbox::asked() {
  const std::lock_guard lock(mutex_);
  may_freeze_ = lives_ && sandbox_->can_freeze();
}

void CurrentSandbox::parked(std::function<void()> frozen) {
  const std::lock_guard lock(mutex_);
  if (started_) {
    freeze(frozen);
  } else if (may_freeze_) {
    parked_early_ = std::move(frozen);
  }
}

// With mutex_ held.
void CurrentSandbox::freeze(const std::function<void()>& frozen) {
  if (!may_freeze_ || frozen_) return;
  sandbox_->begin_freeze();
  frozen_ = true;
  frozen();
}

void CurrentSandbox::handed_out() {
  const std::lock_guard lock(mutex_);
  may_freeze_ = false;
  if (std::exchange(frozen_, false)) sandbox_->thaw();
}

std::optional<std::uint64_t> CurrentSandbox::peak_memory_kb() {
  const std::lock_guard lock(mutex_);
  return sandbox_ ? sandbox_->peak_memory_kb() : std::nullopt;
}

bool CurrentSandbox::out_of_memory(const process::ExitStatus& status) {
  const std::lock_guard lock(mutex_);
  return status.kind == process::ExitStatus::Kind::kSignalled && status.code == SIGKILL &&
         sandbox_ && sandbox_->oom_kills() > 0;
}

}  // namespace phork::emulator
