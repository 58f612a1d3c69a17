// SPDX-License-Identifier: MIT
//
// A zygote as the supervisor holds it: the process, and the socket by which it is told which seats
// to fork for (runtime/slot/zygote_message.h). The loop's thread.
#pragma once

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
    std::function<void(Zygote&)> too_slow;  // to boot
  };

  // `descriptors` of all seats, from slot::kFirstDescriptor + 1 on.
  static base::Result<std::unique_ptr<Zygote>> start(
      Loop& loop, const Config& config, std::uint32_t generation,
      const std::vector<process::FdMapping>& descriptors, Callbacks callbacks);

  void send(const slot::ZygoteMessage& message) const;
  void has_booted();

  bool booted() const { return is_booted_; }

  void kill() { process_->kill(); }

  bool continue_if_stopped() const { return process::continue_if_stopped(process_->pid()); }

  std::uint32_t generation() const { return generation_; }

  bool is_late() const { return is_late_; }

 private:
  Zygote() = default;
  void take_messages();
  void end();

  Callbacks callbacks_;
  std::uint32_t generation_ = 0;
  base::Fd control_;
  std::unique_ptr<process::Process> process_;
  std::unique_ptr<Watch> message_watch_;
  std::unique_ptr<Watch> end_watch_;
  std::unique_ptr<Watch> boot_limit_;
  bool is_booted_ = false;
  bool is_late_ = false;
};

}  // namespace phork::supervisor
