// SPDX-License-Identifier: MIT
#include "emulator/extensions/external.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/io.h"
#include "runtime/process/process_tree.h"

namespace phork::emulator {
namespace {

namespace fs = std::filesystem;

// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html (environment variables)
constexpr std::array<std::string_view, 9> kRuntimeOnly = {
    "AWS_EXECUTION_ENV=",       "AWS_LAMBDA_LOG_GROUP_NAME=", "AWS_LAMBDA_LOG_STREAM_NAME=",
    "AWS_LAMBDA_EXEC_WRAPPER=", "AWS_XRAY_CONTEXT_MISSING=",  "AWS_XRAY_DAEMON_ADDRESS=",
    "LAMBDA_RUNTIME_DIR=",      "LAMBDA_TASK_ROOT=",          "_HANDLER="};

std::string ended_how(const process::ExitStatus& status) {
  if (status.kind == process::ExitStatus::Kind::kExited) {
    return "exit status " + std::to_string(status.code);
  }
  return status.describe();
}

}  // namespace

std::vector<std::string> find_extensions(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> extension_environment(std::vector<std::string> runtime_environment) {
  std::erase_if(runtime_environment, [](const std::string& entry) {
    return std::ranges::any_of(kRuntimeOnly,
                               [&](std::string_view name) { return entry.starts_with(name); });
  });
  return runtime_environment;
}

ExternalExtensions::~ExternalExtensions() {
  end([](const std::string& /*name*/) { return false; }, Clock::now());
}

base::Status ExternalExtensions::start(const std::string& folder,
                                       const std::vector<std::string>& names,
                                       const process::SpawnOptions& common) {
  wakeup_fd_ = base::Fd(base::check(::eventfd(0, EFD_CLOEXEC), "emulator: make eventfd"));
  ending_ = false;
  for (const std::string& name : names) {
    process::SpawnOptions options = common;
    options.program = (fs::path(folder) / name).string();
    options.arguments = {options.program};
    if (base::Status started = start_one(name, std::move(options)); !started) {
      end([](const std::string& /*name*/) { return false; }, Clock::now());
      return started;
    }
  }
  watcher_ = std::thread([this] { watch(); });
  return base::ok_status();
}

base::Status ExternalExtensions::start_one(const std::string& name, process::SpawnOptions options) {
  base::Result<base::FdPair> pipe = base::open_pipe();
  if (!pipe) return pipe.error();
  const base::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int out = pipe->second.get();
  options.descriptors = {{null.get(), STDIN_FILENO}, {out, STDOUT_FILENO}, {out, STDERR_FILENO}};
  // The processes that it leaves behind end with it.
  options.adopts_orphans = true;
  auto process = process::Process::spawn(options);
  if (!process) return process.error();
  auto running = std::make_unique<Running>();
  running->name = name;
  running->process = std::move(process).value();
  running->output = process::LineReader(std::move(pipe->first));
  running_.push_back(std::move(running));
  return base::ok_status();
}

std::vector<pid_t> ExternalExtensions::pids() const {
  std::vector<pid_t> pids;
  for (const auto& each : running_) pids.push_back(each->process->pid());
  return pids;
}

// The thread of this object.
void ExternalExtensions::watch() {
  while (!ending_) {
    look(Clock::time_point::max());
    for (const auto& each : running_) {
      if (each->status && !std::exchange(each->told, true) && !ending_) {
        hooks_.crashed(each->name, ended_how(*each->status));
      }
    }
  }
}

// Waits until one prints or ends, or until `until`, and reads what there is.
void ExternalExtensions::look(Clock::time_point until) {
  std::vector<pollfd> descriptors{{wakeup_fd_.get(), POLLIN, 0}};
  for (const auto& each : running_) {
    descriptors.push_back({each->status ? -1 : each->process->pidfd(), POLLIN, 0});
    descriptors.push_back({each->output.fd(), POLLIN, 0});
  }
  base::poll_until(descriptors, until);
  for (std::size_t index = 0; index < running_.size(); ++index) {
    Running& each = *running_[index];
    each.output.drain(hooks_.printed);
    if (descriptors[1 + 2 * index].revents != 0) each.status = each.process->wait();
  }
}

void ExternalExtensions::end(const std::function<bool(const std::string&)>& may_finish,
                             Clock::time_point until) {
  ending_ = true;
  if (watcher_.joinable()) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wakeup_fd_.get(), &one, sizeof one);
    watcher_.join();
    // Readable, it would end each wait below.
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wakeup_fd_.get(), &count, sizeof count);
  }
  for (const auto& each : running_) {
    if (!each->status && !may_finish(each->name)) process::end_tree(*each->process);
  }
  const auto lives = [](const auto& each) { return !each->status.has_value(); };
  while (std::ranges::any_of(running_, lives) && Clock::now() < until) look(until);
  for (const auto& each : running_) {
    if (!each->status) process::end_tree(*each->process);
    each->output.drain(hooks_.printed);
  }
  running_.clear();
}

}  // namespace phork::emulator
