// SPDX-License-Identifier: MIT
#include "strategies/worker/spawned.h"

#include <csignal>
#include <unistd.h>
#include <utility>

#include "runtime/process/process_tree.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {
namespace {

using base::Result;
using process::Process;

constexpr int kChannelDescriptor = 3;

class SpawnedProcess final : public WorkerProcess {
 public:
  explicit SpawnedProcess(std::unique_ptr<Process> process) : process_(std::move(process)) {}

  int pidfd() const override { return process_->pidfd(); }

  void interrupt() override { process_->signal(wire::kInterruptSignal); }

  void kill_group() override { process_->signal_group(SIGKILL); }

  std::optional<process::ExitStatus> wait(base::Deadline deadline) override {
    auto status = process_->wait(deadline);
    if (status) process::KnownChildren::of_this_process().end_strays();
    return status;
  }

 private:
  std::unique_ptr<Process> process_;
};

class SpawnedWorkers final : public WorkerSource {
 public:
  SpawnedWorkers(const Settings& settings, Rehearse rehearse)
      : settings_(settings), rehearse_(rehearse) {}

  Result<std::unique_ptr<Worker>> start() override {
    WorkerDescriptors theirs;
    auto link = WorkerLink::open(theirs);
    if (!link) return std::move(link).error();
    process::SpawnOptions options;
    options.program = settings_.worker_path;
    options.arguments = {"php-worker", "--worker"};
    if (rehearse_ == Rehearse::kYes) options.arguments.emplace_back("--rehearse");
    options.environment = process::current_environment();
    options.descriptors = {{theirs.channel.get(), kChannelDescriptor},
                           {theirs.standard_output.get(), STDOUT_FILENO},
                           {theirs.standard_error.get(), STDERR_FILENO}};
    auto spawned = Process::spawn(options);
    if (!spawned) return std::move(spawned).error();
    return std::make_unique<Worker>(std::move(link).value(),
                                    std::make_unique<SpawnedProcess>(std::move(spawned).value()),
                                    settings_);
  }

 private:
  const Settings& settings_;
  const Rehearse rehearse_;
};

}  // namespace

std::optional<event::Failure> SpawnStrategy::boot() {
  for (unsigned index = 0; index < settings_.slots; ++index) {
    auto slot = std::make_unique<WorkerSlot>(std::make_unique<SpawnedWorkers>(settings_, rehearse_),
                                             settings_, spares_);
    if (auto failure = slot->open()) return failure;
    slots_.push_back(std::move(slot));
  }
  return std::nullopt;
}

base::Result<std::unique_ptr<Slot>> SpawnStrategy::open_slot(unsigned index) {
  return std::unique_ptr<Slot>(std::move(slots_.at(index)));
}

}  // namespace phork::strategies
