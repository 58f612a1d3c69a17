// SPDX-License-Identifier: MIT
#include "runtime/process/spawn.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/process/clone_spawn.h"
#include "runtime/process/inheritance.h"
#include "runtime/process/known_children.h"
#include "runtime/process/process_tree.h"

namespace phork::process {
namespace {

using base::Error;
using base::Fd;
using base::Result;
using base::system_error;

// A killed process that still runs after it is one that we may not kill.
constexpr std::chrono::seconds kEndTimeout{5};

// Descriptors to hand over are first copied from this number on, so that the dup2 of one mapping
// can never land on the source of another. No higher than needed: the limit may be low.
int first_scratch_fd(const std::vector<FdMapping>& mappings) {
  int highest = STDERR_FILENO;
  for (const FdMapping& mapping : mappings) highest = std::max(highest, mapping.theirs);
  return highest + 1;
}

// Copies of the descriptors to hand over, closed in every case.
class Handover : private base::Pinned {
 public:
  base::Status prepare(const std::vector<FdMapping>& mappings) {
    const int first_scratch = first_scratch_fd(mappings);
    for (const FdMapping& mapping : mappings) {
      Fd copy(::fcntl(mapping.ours, F_DUPFD_CLOEXEC, first_scratch));
      if (!copy.valid()) return system_error("process: copy descriptor for a child", errno);
      copies_.push_back({copy.get(), mapping.theirs});
      scratch_.push_back(std::move(copy));
    }
    return base::ok_status();
  }

  std::span<const FdMapping> copies() const { return copies_; }

 private:
  std::vector<Fd> scratch_;
  std::vector<FdMapping> copies_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  // execve's signature lacks the const it honours.
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

Result<Cloned> start(const SpawnOptions& options, const Handover& handover) {
  const std::vector<char*> arguments = pointers(options.arguments);
  const std::vector<char*> environment = pointers(options.environment);
  const std::string& folder = options.working_directory;
  return clone_spawn({.program = options.program.c_str(),
                      .arguments = arguments.data(),
                      .environment = environment.data(),
                      .working_directory = folder.empty() ? nullptr : folder.c_str(),
                      .descriptors = handover.copies(),
                      .control_groups = options.control_groups,
                      .death_signal = options.death_signal,
                      .adopts_orphans = options.adopts_orphans});
}

}  // namespace

std::vector<std::string> current_environment() {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  return variables;
}

void set_variable(std::vector<std::string>& environment, const std::string& name,
                  const std::string& value) {
  const std::string prefix = name + "=";
  for (std::string& entry : environment) {
    if (entry.starts_with(prefix)) {
      entry = prefix + value;
      return;
    }
  }
  environment.push_back(prefix + value);
}

std::string ExitStatus::describe() const {
  if (kind == Kind::kExited) return "exit code " + std::to_string(code);
  const char* name = ::sigdescr_np(code);
  return "signal " + std::to_string(code) +
         (name != nullptr ? " (" + std::string(name) + ")" : std::string());
}

ExitStatus ExitStatus::from_wait_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {Kind::kSignalled, WTERMSIG(wait_status)};
  return {Kind::kExited, WEXITSTATUS(wait_status)};
}

Result<std::unique_ptr<Process>> Process::spawn(const SpawnOptions& options) {
  if (base::Status ready = ready_to_pass_on(); !ready) return ready.error();
  Handover handover;
  if (base::Status prepared = handover.prepare(options.descriptors); !prepared) {
    return std::move(prepared).error();
  }
  auto& known = KnownChildren::of_this_process();
  const std::unique_lock lock = known.lock();
  Result<Cloned> started = start(options, handover);
  if (!started) return std::move(started).error();
  known.add(lock, started->pid);
  return std::unique_ptr<Process>(new Process(started->pid, std::move(started->pidfd)));
}

Process::~Process() {
  if (status_) return;
  kill();
  if (wait(std::chrono::steady_clock::now() + kEndTimeout)) return;
  // It became a program of another user, or the kernel holds on to it.
  base::log_warn("process: end child " + std::to_string(pid_) + ": it has not ended within " +
                 std::to_string(kEndTimeout.count()) + " s after SIGKILL; left to itself");
  // From here on it counts as a stray, which is reaped when it ends.
  KnownChildren::of_this_process().remove(pid_);
}

std::optional<ExitStatus> Process::wait(std::optional<Deadline> deadline) {
  if (status_) return status_;
  if (deadline && !base::wait_readable(pidfd_.get(), *deadline)) return std::nullopt;
  // Until it is reaped no other process can get its pid, and with it the group's: end the rest of
  // the group now.
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) == -1 &&
         errno == EINTR) {
  }
  ::kill(-pid_, SIGKILL);
  int wait_status = 0;
  while (::waitpid(pid_, &wait_status, 0) == -1 && errno == EINTR) {
  }
  KnownChildren::of_this_process().remove(pid_);
  status_ = ExitStatus::from_wait_status(wait_status);
  return status_;
}

void Process::signal(int number) {
  if (!status_) ::kill(pid_, number);
}

void Process::signal_group(int number) {
  if (!status_) ::kill(-pid_, number);
}

void Process::kill() {
  if (!status_) kill_group(pid_);
}

std::string ProgramOutput::describe_end() const {
  return status ? status->describe() : "no end in time";
}

Result<ProgramOutput> run_to_end(SpawnOptions options, std::chrono::milliseconds timeout,
                                 ErrorStream errors) {
  auto pipe = base::open_pipe();
  if (!pipe) return std::move(pipe).error();
  const int output = pipe->second.get();
  options.descriptors.push_back({output, STDOUT_FILENO});
  options.descriptors.push_back(
      {errors == ErrorStream::kOurs ? STDERR_FILENO : output, STDERR_FILENO});
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const auto process = Process::spawn(options);
  if (!process) return process.error();
  pipe->second.reset();  // else our own copy would keep the pipe from ending
  std::string text = base::read_to_end(pipe->first.get(), deadline);
  return ProgramOutput{std::move(text), process.value()->wait(deadline)};
}

}  // namespace phork::process
