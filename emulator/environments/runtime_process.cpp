// SPDX-License-Identifier: MIT
#include "emulator/environments/runtime_process.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include "emulator/environments/wakeup.h"
#include "runtime/base/io.h"
#include "runtime/process/known_children.h"

namespace phork::emulator {
namespace {

using base::Fd;
using namespace std::chrono_literals;
using process::ExitStatus;
using process::Process;

// Between SIGTERM and SIGKILL: the length of Lambda's shutdown phase.
constexpr std::chrono::milliseconds kShutdownGrace = 2s;
// The runtime's part of it where extensions use the rest.
constexpr std::chrono::milliseconds kGraceBesideExtensions = 300ms;

}  // namespace

base::Result<std::unique_ptr<RuntimeProcess>> RuntimeProcess::spawn(
    const FunctionConfig& config, const Surroundings& surroundings, RuntimeOutput& output) {
  base::Result<base::FdPair> pipes = output.open();
  if (!pipes) return pipes.error();
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  process::SpawnOptions options;
  options.program = config.program;
  options.arguments = config.arguments;
  options.arguments.insert(options.arguments.begin(), config.program);
  options.environment = surroundings.variables;
  options.working_directory = config.task_root;
  options.descriptors = {{null.get(), STDIN_FILENO},
                         {pipes->first.get(), STDOUT_FILENO},
                         {pipes->second.get(), STDERR_FILENO}};
  if (surroundings.sandbox != nullptr)
    options.control_groups = surroundings.sandbox->cgroup_procs_fds();
  // An orphan is found below the runtime while that lives, and below us afterwards.
  options.adopts_orphans = true;
  process::adopt_orphans();
  base::Result<std::unique_ptr<Process>> process = Process::spawn(options);
  if (!process) return process.error();
  return std::unique_ptr<RuntimeProcess>(
      new RuntimeProcess(std::move(process).value(), output, surroundings));
}

bool RuntimeProcess::wait_for_wakeup(const Fd& wakeup, Clock::time_point until) {
  const std::array<int, 2> pipes = output_.descriptors();
  std::array<pollfd, 4> descriptors = {{{process_->pidfd(), POLLIN, 0},
                                        {wakeup.get(), POLLIN, 0},
                                        {pipes[0], POLLIN, 0},
                                        {pipes[1], POLLIN, 0}}};
  base::poll_until(descriptors, until);
  if (descriptors[1].revents != 0) reset(wakeup);
  if (descriptors[2].revents != 0 || descriptors[3].revents != 0) output_.drain();
  return descriptors[0].revents != 0;
}

void RuntimeProcess::pause(const std::vector<pid_t>& others, const base::Fd& wakeup,
                           std::chrono::milliseconds time, const std::atomic<bool>& ends) {
  std::vector<pid_t> stopped = process::stop_tree(process_->pid());
  for (const pid_t other : others) {
    const std::vector<pid_t> tree = process::stop_tree(other);
    stopped.insert(stopped.end(), tree.begin(), tree.end());
  }
  const Clock::time_point until = Clock::now() + time;
  while (!ends && Clock::now() < until && !wait_for_wakeup(wakeup, until)) {
  }
  for (const pid_t pid : stopped) ::kill(pid, SIGCONT);
}

ExitStatus RuntimeProcess::end(Shutdown shutdown) {
  std::optional<ExitStatus> status;
  if (sandbox_ != nullptr) sandbox_->thaw();
  if (shutdown == Shutdown::kTerminate) process_->signal_group(SIGTERM);
  if (shutdown == Shutdown::kTerminate || shutdown == Shutdown::kLetExit) {
    status = drain_until_exit(beside_extensions_ ? kGraceBesideExtensions : kShutdownGrace);
  }
  // Not reaped yet, so its pid and group are still its own.
  if (!status && shutdown != Shutdown::kExited) process::kill_tree(process_->pid());
  process_->signal_group(SIGKILL);
  // A daemon that has left the process tree is still in the sandbox.
  if (sandbox_ != nullptr && !beside_extensions_) sandbox_->kill_all();
  if (!status) status = process_->wait();
  // Other runtimes are known, and what they have started is below them.
  process::KnownChildren::of_this_process().end_strays();
  output_.drain();
  return *status;
}

std::optional<ExitStatus> RuntimeProcess::drain_until_exit(std::chrono::milliseconds grace) {
  const Clock::time_point until = Clock::now() + grace;
  const Fd no_wakeup;
  while (!wait_for_wakeup(no_wakeup, until)) {
    if (Clock::now() >= until) return std::nullopt;
  }
  process_->signal_group(SIGKILL);
  return process_->wait();
}

void UsageSampler::restart() {
  due_ = Clock::time_point::max();
  minor_faults_.reset();
}

void UsageSampler::sample(const RuntimeProcess& process, std::size_t served) {
  due_ = Clock::now() + 1s;
  if (minor_faults_ && served == served_) return;
  const process::TreeUsage usage = process.measure();
  journal_.add_memory(usage.pss_kb);
  // The sum shrinks when a process ends that no process of the tree reaps.
  if (minor_faults_ && usage.minor_faults >= *minor_faults_) {
    statistics_.add_tree_faults(usage.minor_faults - *minor_faults_, served - served_);
  }
  minor_faults_ = usage.minor_faults;
  served_ = served;
}

}  // namespace phork::emulator
