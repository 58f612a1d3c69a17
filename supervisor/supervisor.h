// SPDX-License-Identifier: MIT
//
// Runs the slots until Lambda ends the environment, a signal asks for it, or a slot cannot go on.
// Where workers ask Lambda for events themselves, the calling thread's loop watches all of them.
// Otherwise this owns the Runtime API: it boots the strategy, then runs one thread per slot that
// carries each event from `next` to its answer without handing it to another thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/exit_code.h"
#include "runtime/lambda/extension.h"
#include "runtime/lambda/runtime_api.h"
#include "strategies/strategy.h"
#include "supervisor/config.h"
#include "supervisor/loop.h"
#include "supervisor/restore.h"
#include "supervisor/start_gate.h"
#include "supervisor/workers.h"

namespace phork::supervisor {

class Supervisor {
 public:
  // `strategy` is null where workers ask for events themselves.
  Supervisor(Config config, std::unique_ptr<strategies::Strategy> strategy, ApiFactory make_api);

  // The exit code. Call once.
  int run();

 private:
  void enroll_extension();
  void watch_extension();
  // Where the configuration awaits the restore of a snapshot; calls `restored` when it has come.
  void await_restore(std::function<void()> restored);
  std::optional<event::Failure> boot();
  // False: this is to end with the exit code.
  bool restore_slots();
  std::optional<event::Failure> renew_slots();
  int run_slots();
  int run_workers();
  void make_workers();
  void workers_booted();
  void workers_restored();
  void workers_ended(int code);
  int fail_init(const event::Failure& failure);
  void run_slot(unsigned index);
  base::Status serve_slot(unsigned index);
  // From any thread: no slot takes another event, and run() returns `code`. The first one counts.
  void stop(int code);

  Config config_;
  std::unique_ptr<strategies::Strategy> strategy_;
  const ApiFactory make_api_;
  StartGate gate_;
  std::vector<std::unique_ptr<lambda::RuntimeApi>> apis_;  // one per slot
  std::vector<std::unique_ptr<strategies::Slot>> slots_;   // of the strategy; closed before it
  Loop loop_;
  // PHORK_GRACEFUL_SHUTDOWN, and the watch of its connection.
  std::optional<lambda::Extension> extension_;
  std::unique_ptr<Watch> extension_watch_;
  std::optional<tracing::Tracer> tracer_;          // PHORK_TRACE
  std::vector<std::unique_ptr<Workers>> workers_;  // after the loop that they watch with
  std::unique_ptr<Restore> restore_;
  bool is_restored_ = false;
  std::size_t booted_workers_ = 0;
  std::size_t restored_workers_ = 0;
  std::size_t ended_workers_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> exit_code_{base::kOk};
};

}  // namespace phork::supervisor
