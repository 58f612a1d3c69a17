// SPDX-License-Identifier: MIT
#include "strategies/worker/forked.h"

#include <cerrno>
#include <csignal>
#include <optional>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/zygote_client.h"
#include "strategies/worker/slot.h"

namespace phork::strategies {
namespace {

using base::ErrorKind;
using base::Result;
using process::KnownChildren;
using process::ZygoteClient;

// A zygote answers in microseconds; only an overloaded machine takes seconds.
constexpr std::chrono::seconds kZygoteTimeout{10};

base::Deadline soon() {
  return std::chrono::steady_clock::now() + kZygoteTimeout;
}

// A child of the zygote. Signals go through its pidfd: the zygote may reap it at any time, and its
// pid may then belong to another process.
class ForkedProcess final : public WorkerProcess {
 public:
  // The child becomes ours when the zygote dies, so it is registered as known from the start: the
  // hunt for strays must not kill it.
  ForkedProcess(ZygoteClient& zygote, process::ForkedChild child)
      : zygote_(zygote), child_(std::move(child)) {
    auto& known = KnownChildren::of_this_process();
    known.add(known.lock(), child_.pid);
  }

  ~ForkedProcess() override {
    if (ended_) return;
    ForkedProcess::kill_group();
    forget();
  }

  int pidfd() const override { return child_.pidfd.get(); }

  void interrupt() override { signal(wire::kInterruptSignal); }

  void kill_group() override {
    // As long as the child has not been reaped, no other group can have its number.
    if (!ended_ && signal(SIGKILL)) ::kill(-child_.pid, SIGKILL);
  }

  std::optional<process::ExitStatus> wait(base::Deadline deadline) override {
    const auto status = zygote_.wait_exit(child_.pid, deadline);
    if (!status) return wait_adopted(deadline);
    if (status->has_value()) {
      ended_ = true;
      forget();
    }
    return status.value();
  }

 private:
  void forget() const { KnownChildren::of_this_process().remove(child_.pid); }

  bool signal(int number) const {
    return ::syscall(SYS_pidfd_send_signal, child_.pidfd.get(), number, nullptr, 0) == 0;
  }

  // The zygote is gone, and bootstrap, a subreaper, has adopted its children.
  std::optional<process::ExitStatus> wait_adopted(base::Deadline deadline) {
    if (!base::wait_readable(child_.pidfd.get(), deadline)) return std::nullopt;
    ended_ = true;
    // It may have ended before we adopted it, so the hunt for strays may reap it from here on.
    forget();
    int wait_status = 0;
    if (::waitpid(child_.pid, &wait_status, 0) != child_.pid) return std::nullopt;
    return process::ExitStatus::from_wait_status(wait_status);
  }

  ZygoteClient& zygote_;
  process::ForkedChild child_;
  bool ended_ = false;
};

class ForkedWorkers final : public WorkerSource {
 public:
  ForkedWorkers(Zygotes& zygotes, unsigned slot, const Settings& settings)
      : zygotes_(zygotes), slot_(slot), settings_(settings) {
    ForkedWorkers::refresh();
  }

  Result<std::unique_ptr<Worker>> start() override {
    if (zygote_->fd() < 0) {
      zygote_gone_ = true;
      return base::Error{ErrorKind::kDisconnected, "strategies: start worker: no zygote booted"};
    }
    WorkerDescriptors theirs;
    auto link = WorkerLink::open(theirs);
    if (!link) return std::move(link).error();
    auto child =
        zygote_->fork(theirs.channel, theirs.standard_output, theirs.standard_error, soon());
    if (!child) {
      zygote_gone_ = zygote_gone_ || child.error().kind == ErrorKind::kDisconnected;
      return std::move(child).error();
    }
    return std::make_unique<Worker>(
        std::move(link).value(),
        std::make_unique<ForkedProcess>(*zygote_, std::move(child).value()), settings_);
  }

  bool stale() override { return zygote_gone_ || zygotes_.current_generation() != generation_; }

  void refresh() override {
    if (zygote_gone_) {
      if (const auto failure = zygotes_.replace(generation_)) {
        base::log_error("strategies: boot zygote: " + failure->type + ": " + failure->message);
      }
    }
    Zygotes::Control control = zygotes_.take_control(slot_);
    generation_ = control.generation;
    zygote_.emplace(std::move(control.socket));
    zygote_gone_ = false;
  }

  bool takes_back(const Worker& worker) override {
    if (zygotes_.after_event() != AfterEvent::kRollBack) return false;
    return settings_.max_events == 0 || worker.events() < settings_.max_events;
  }

  void ended(const Worker& worker) override { zygotes_.count_event(worker.crashed()); }

 private:
  Zygotes& zygotes_;
  const unsigned slot_;
  const Settings& settings_;
  std::optional<ZygoteClient> zygote_;
  std::uint32_t generation_ = 0;
  bool zygote_gone_ = false;
};

}  // namespace

std::optional<event::Failure> ForkStrategy::boot() {
  if (zygotes_.after_event() == AfterEvent::kRollBack) {
    base::log_warn(
        "strategies: rollback is experimental: events share one process, whose memory is put back "
        "after each");
  }
  return zygotes_.boot();
}

base::Result<std::unique_ptr<Slot>> ForkStrategy::open_slot(unsigned index) {
  auto slot = std::make_unique<WorkerSlot>(
      std::make_unique<ForkedWorkers>(zygotes_, index, settings_), settings_, settings_.spares);
  if (const auto failure = slot->open()) {
    return base::Error{base::ErrorKind::kSystem, "strategies: open slot: " + failure->message};
  }
  return std::unique_ptr<Slot>(std::move(slot));
}

}  // namespace phork::strategies
