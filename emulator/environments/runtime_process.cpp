// SPDX-License-Identifier: MIT
#include "emulator/environments/runtime_process.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/io.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Fd;
using process::ExitStatus;
using process::Process;

// Between being asked to end and being killed: all of Lambda's shutdown phase.
constexpr std::chrono::milliseconds kShutdownGrace = 2s;

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
  options.environment =
      runtime_environment(config, surroundings.api_address, surroundings.log_stream);
  options.working_directory = config.task_root;
  options.descriptors = {{null.get(), STDIN_FILENO},
                         {pipes->first.get(), STDOUT_FILENO},
                         {pipes->second.get(), STDERR_FILENO}};
  if (surroundings.sandbox != nullptr) options.control_groups = surroundings.sandbox->doors();
  base::Result<std::unique_ptr<Process>> process = Process::spawn(options);
  if (!process) return process.error();
  return std::unique_ptr<RuntimeProcess>(
      new RuntimeProcess(std::move(process).value(), output, surroundings.sandbox));
}

bool RuntimeProcess::wait_for_news(const Fd& news, Clock::time_point until) {
  const std::array<int, 2> pipes = output_.descriptors();
  std::array<pollfd, 4> descriptors = {{{process_->pidfd(), POLLIN, 0},
                                        {news.get(), POLLIN, 0},
                                        {pipes[0], POLLIN, 0},
                                        {pipes[1], POLLIN, 0}}};
  base::poll_until(descriptors, until);
  if (descriptors[1].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(news.get(), &count, sizeof count);
  }
  if (descriptors[2].revents != 0 || descriptors[3].revents != 0) output_.drain();
  return descriptors[0].revents != 0;
}

ExitStatus RuntimeProcess::end(Farewell farewell) {
  std::optional<ExitStatus> status;
  if (sandbox_ != nullptr) sandbox_->thaw();
  if (farewell == Farewell::kAsked) process_->signal_group(SIGTERM);
  if (farewell == Farewell::kAsked || farewell == Farewell::kLeft) {
    status = drain_until_exit(kShutdownGrace);
  }
  // Not reaped yet, so its pid and group are still its own.
  if (!status && farewell != Farewell::kEnded) process::kill_tree(process_->pid());
  process_->signal_group(SIGKILL);
  // Whatever has left the tree is in the sandbox still.
  if (sandbox_ != nullptr) sandbox_->kill_all();
  if (!status) status = process_->wait();
  output_.drain();
  return *status;
}

std::optional<ExitStatus> RuntimeProcess::drain_until_exit(std::chrono::milliseconds grace) {
  const Clock::time_point until = Clock::now() + grace;
  const Fd no_news;
  while (!wait_for_news(no_news, until)) {
    if (Clock::now() >= until) return std::nullopt;
  }
  process_->signal_group(SIGKILL);
  return process_->wait();
}

}  // namespace phork::emulator
