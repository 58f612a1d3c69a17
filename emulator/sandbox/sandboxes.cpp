// SPDX-License-Identifier: MIT
#include "emulator/sandbox/sandboxes.h"

#include <atomic>
#include <unistd.h>
#include <utility>

namespace phork::emulator {
namespace {

// Unique within the process, as names of groups are. Zero names that of the process itself.
std::uint64_t next_sequence() {
  static std::atomic<std::uint64_t> sequence = 0;
  return ++sequence;
}

}  // namespace

std::unique_ptr<Sandbox> Sandboxes::make(unsigned memory_mb, const SandboxWishes& wishes) {
  auto sandbox = std::make_unique<Sandbox>(cgroup_name(::getpid(), next_sequence()));
  if (!wishes.any()) return sandbox;
  const std::lock_guard lock(mutex_);
  settle();
  if (wishes.cpu) {
    note("limit CPU", sandbox->limit_cpu(home_->place(Controller::kCpu), cpu_share(memory_mb)));
  }
  if (wishes.memory) {
    note("limit memory", sandbox->limit_memory(home_->place(Controller::kMemory), memory_mb));
  }
  if (wishes.freezing) {
    note("freeze", sandbox->allow_freezing(home_->place(Controller::kFreezer)));
  }
  // Not wished for: it tells by itself that it is unknown.
  static_cast<void>(sandbox->count_cpu(home_->place(Controller::kCpuUsage)));
  return sandbox;
}

void Sandboxes::settle() {
  if (home_) return;
  home_.emplace(layout_ ? *layout_ : current_cgroup_layout());
  home_->remove_leftovers();
}

void Sandboxes::note(std::string_view wish, const base::Status& outcome) {
  if (outcome || !told_.emplace(wish).second) return;
  tell_("emulator: " + std::string(wish) + ": " + outcome.error().text + "; going on without");
}

}  // namespace phork::emulator
