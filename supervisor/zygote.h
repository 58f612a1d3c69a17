// SPDX-License-Identifier: MIT
//
// A zygote as the supervisor holds it: the process, and the socket by which it is told which seats
// to fork for (runtime/slot/zygote_message.h). The loop's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"
#include "runtime/process/stopped.h"
#include "runtime/slot/zygote_message.h"
#include "supervisor/config.h"
#include "supervisor/loop.h"

namespace phork::supervisor {

class Zygote : private base::Pinned {
 public:
  struct Callbacks {
    std::function<void(Zygote&, const slot::ZygoteMessage&)> message;
    // Its process has ended, and was reaped. Its children are ours now.
    std::function<void(Zygote&, process::ExitStatus)> ended;
    std::function<void(Zygote&)> too_slow;  // to boot, or to restore
  };

  // `descriptors` of all seats, from slot::kFirstDescriptor + 1 on.
  static base::Result<std::unique_ptr<Zygote>> start(
      Loop& loop, const Config& config, std::uint32_t generation,
      const std::vector<process::FdMapping>& descriptors, Callbacks callbacks);

  void send(const slot::ZygoteMessage& message) const;
  // It waits for the restore of a snapshot, for any time.
  void waits();
  // Lets it go on, if it waits.
  void restore();
  void has_booted();

  bool booted() const { return is_booted_; }

  bool waiting() const { return is_waiting_; }

  // After restore(), before it has booted.
  bool restoring() const { return is_restoring_; }

  void kill() { process_->kill(); }

  bool continue_if_stopped() const { return process::continue_if_stopped(process_->pid()); }

  std::uint32_t generation() const { return generation_; }

  bool is_late() const { return is_late_; }

  // Why one that has ended, with `status`, has not booted, or not after a restore.
  event::Failure boot_failure(process::ExitStatus status) const;

 private:
  explicit Zygote(Loop& loop) : loop_(loop) {}

  void limit(std::chrono::seconds time);
  void take_messages();
  void end();

  Loop& loop_;
  Callbacks callbacks_;
  std::uint32_t generation_ = 0;
  base::Fd control_;
  std::unique_ptr<process::Process> process_;
  std::unique_ptr<Watch> message_watch_;
  std::unique_ptr<Watch> end_watch_;
  std::unique_ptr<Watch> limit_;
  std::chrono::seconds boot_timeout_{};
  bool is_waiting_ = false;
  bool is_restoring_ = false;
  bool is_booted_ = false;
  bool is_late_ = false;
};

}  // namespace phork::supervisor
