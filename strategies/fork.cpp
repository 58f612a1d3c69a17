// SPDX-License-Identifier: MIT
#include "strategies/fork.h"

#include <csignal>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/log.h"
#include "runtime/base/socket_io.h"
#include "runtime/process/spawn.h"
#include "runtime/process/zygote_client.h"
#include "strategies/worker_link.h"
#include "strategies/worker_outcome.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;
using base::Result;
using base::Status;
using process::Process;

constexpr int kFirstControl = 3;
// The zygote answers in microseconds; only a machine in trouble takes seconds.
constexpr std::chrono::seconds kZygotePatience{10};

base::Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// A child of the zygote that waits for its event or serves it.
struct Worker {
  WorkerLink link;
  process::ForkedChild child;
  bool ended = false;  // and its status was heard
};

class ForkSlot final : public Slot {
 public:
  ForkSlot(Fd control, const Settings& settings)
      : zygote_(std::move(control)), settings_(settings) {}

  ForkSlot(const ForkSlot&) = delete;
  ForkSlot& operator=(const ForkSlot&) = delete;
  ForkSlot(ForkSlot&&) = delete;
  ForkSlot& operator=(ForkSlot&&) = delete;
  ~ForkSlot() override = default;  // closing the control socket makes the zygote kill our children

  // Has a child forked and makes it the one that serves the next event.
  Status start_worker() {
    auto forked = fork_worker();
    if (!forked) return std::move(forked).error();
    worker_.emplace(std::move(forked).value());
    return hear_ready();
  }

  Served serve(const base::Invocation& invocation) override {
    deadline_ = event_deadline(invocation, settings_);
    auto served = worker_->link.serve(invocation, settings_, deadline_);
    if (served) return std::move(served).value();
    if (served.error().kind == ErrorKind::kTimeout) {
      kill_worker();
      return {timeout_failure(invocation), {}};
    }
    // The channel ended: the worker is ending too, its status says how.
    const auto status = wait_worker(within(kZygotePatience));
    return {death_failure(status, served.error()), {}};
  }

  Status renew() override {
    if (!worker_->link.used()) return base::ok_status();
    // The next child is forked while the last one ends: on two processors, at the same time.
    auto next = fork_worker();
    retire_worker();
    if (!next) return std::move(next).error();
    worker_.emplace(std::move(next).value());
    return hear_ready();
  }

 private:
  Result<Worker> fork_worker() {
    WorkerDescriptors theirs;
    auto link = WorkerLink::open(theirs);
    if (!link) return std::move(link).error();
    auto child = zygote_.fork(theirs.channel, theirs.standard_output, theirs.standard_error,
                              within(kZygotePatience));
    if (!child) return std::move(child).error();
    return Worker{std::move(link).value(), std::move(child).value()};
  }

  Status hear_ready() {
    const auto ready = worker_->link.wait_ready(within(kZygotePatience));
    return ready ? base::ok_status() : Status(ready.error());
  }

  // What PHP does after its answer (fastcgi_finish_request) has the event's time, and no more.
  void retire_worker() {
    const bool drained = worker_->link.drain(deadline_);
    if (!drained || (!worker_->ended && !wait_worker(deadline_))) {
      kill_worker();
      wait_worker(within(kZygotePatience));
      worker_->link.drain(within(kZygotePatience));
    }
    worker_.reset();
  }

  // Its whole process group; the zygote keeps the pid from being used again until it has reported.
  void kill_worker() const {
    if (!worker_->ended) ::kill(-worker_->child.pid, SIGKILL);
  }

  std::optional<process::ExitStatus> wait_worker(base::Deadline deadline) {
    if (worker_->ended) return std::nullopt;
    const auto status = zygote_.wait_exit(worker_->child.pid, deadline);
    if (!status || !status.value()) return std::nullopt;
    worker_->ended = true;
    return status.value();
  }

  process::ZygoteClient zygote_;
  const Settings& settings_;
  std::optional<Worker> worker_;
  base::Deadline deadline_{};  // of the last event
};

class ForkStrategy final : public Strategy {
 public:
  explicit ForkStrategy(const Settings& settings) : settings_(settings) {}

  std::optional<base::Failure> boot() override {
    auto spawned = spawn_zygote();
    if (!spawned) return base::Failure{"Runtime.BootFailed", spawned.error().text, {}};
    zygote_ = std::move(spawned).value();
    for (const Fd& control : controls_) {
      if (auto failure = hear_ready(control)) return failure;
    }
    return std::nullopt;
  }

  Result<std::unique_ptr<Slot>> open_slot(unsigned index) override {
    auto slot = std::make_unique<ForkSlot>(std::move(controls_.at(index)), settings_);
    if (auto started = slot->start_worker(); !started) return std::move(started).error();
    return std::unique_ptr<Slot>(std::move(slot));
  }

  void shut_down() override {
    controls_.clear();
    // With every control socket closed the zygote ends by itself.
    if (zygote_ && !zygote_->wait(within(kZygotePatience))) zygote_->signal(SIGKILL);
    zygote_.reset();
  }

 private:
  Result<std::unique_ptr<Process>> spawn_zygote() {
    process::SpawnOptions options;
    options.program = settings_.worker_path;
    options.arguments = {"php-worker", "--zygote=" + std::to_string(settings_.slots), "1"};
    options.environment = process::current_environment();
    std::vector<Fd> theirs;
    for (unsigned slot = 0; slot < settings_.slots; ++slot) {
      auto pair = base::make_socket_pair(SOCK_SEQPACKET);
      if (!pair) return std::move(pair).error();
      controls_.push_back(std::move(pair->first));
      theirs.push_back(std::move(pair->second));
      options.descriptors.push_back({theirs.back().get(), kFirstControl + static_cast<int>(slot)});
    }
    return Process::spawn(options);
  }

  // Waits for what the zygote says on one control socket once it has booted.
  std::optional<base::Failure> hear_ready(const Fd& control) {
    if (!base::wait_readable(control.get(), within(settings_.boot_timeout))) {
      return base::Failure{"Runtime.BootTimeout",
                           "the application did not boot within " +
                               std::to_string(settings_.boot_timeout.count()) + " s",
                           {}};
    }
    const auto message = base::receive_message(control.get());
    return message ? read_boot_message(message->bytes) : boot_death();
  }

  base::Failure boot_death() {
    const auto status = zygote_->wait(within(kZygotePatience));
    return {"Runtime.BootFailed",
            "php-worker ended while booting: " +
                (status ? status->describe() : std::string("it closed its control socket")),
            {}};
  }

  const Settings settings_;
  std::unique_ptr<Process> zygote_;
  std::vector<Fd> controls_;
};

}  // namespace

std::unique_ptr<Strategy> make_fork(const Settings& settings) {
  return std::make_unique<ForkStrategy>(settings);
}

}  // namespace phork::strategies
