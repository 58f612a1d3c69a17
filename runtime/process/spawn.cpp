// SPDX-License-Identifier: MIT
#include "runtime/process/spawn.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/process/group_spawn.h"
#include "runtime/process/inheritance.h"
#include "runtime/process/process_tree.h"

namespace phork::process {
namespace {

using base::Error;
using base::Fd;
using base::Result;
using base::system_error;

// Descriptors to hand over are first copied from this number on, so that the dup2 of one mapping
// can never land on the source of another. No higher than needed: the limit may be low.
int first_scratch_fd(const std::vector<FdMapping>& mappings) {
  int highest = STDERR_FILENO;
  for (const FdMapping& mapping : mappings) highest = std::max(highest, mapping.theirs);
  return highest + 1;
}

// The actions and attributes of posix_spawn, released in every case. posix_spawn rather than fork:
// it does not copy our page tables, and glibc runs nothing of ours between its vfork and the exec.
class SpawnPlan : private base::Pinned {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }

  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  base::Status prepare(const SpawnOptions& options) {
    const int first_scratch = first_scratch_fd(options.descriptors);
    for (const FdMapping& mapping : options.descriptors) {
      Fd copy(::fcntl(mapping.ours, F_DUPFD_CLOEXEC, first_scratch));
      if (!copy.valid()) return system_error("process: copy descriptor for a child", errno);
      copies_.push_back({copy.get(), mapping.theirs});
      posix_spawn_file_actions_adddup2(&actions_, copy.get(), mapping.theirs);
      scratch_.push_back(std::move(copy));
    }
    if (!options.working_directory.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions_, options.working_directory.c_str());
    }
    // The child starts with every signal at its default and none blocked, whatever we do with ours.
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    const int group = options.new_process_group ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));
    return base::ok_status();
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }

  const posix_spawnattr_t* attributes() const { return &attributes_; }

  // The descriptors that the actions copy.
  std::span<const FdMapping> copies() const { return copies_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  std::vector<Fd> scratch_;
  std::vector<FdMapping> copies_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  // posix_spawn's signature lacks the const it honours.
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

Result<pid_t> start(const SpawnOptions& options, const SpawnPlan& plan) {
  const std::vector<char*> arguments = pointers(options.arguments);
  const std::vector<char*> environment = pointers(options.environment);
  if (!options.control_groups.empty()) {
    const char* folder = options.working_directory.c_str();
    return spawn_in_groups({options.program.c_str(), arguments.data(), environment.data(),
                            *folder != '\0' ? folder : nullptr, plan.copies(),
                            options.control_groups, options.new_process_group});
  }
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, options.program.c_str(), plan.actions(), plan.attributes(),
                                 arguments.data(), environment.data());
  if (code != 0) return system_error("process: spawn '" + options.program + "'", code);
  return pid;
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
  SpawnPlan plan;
  if (base::Status prepared = plan.prepare(options); !prepared) return prepared.error();
  auto& known = KnownChildren::of_this_process();
  std::unique_lock lock = known.lock();
  const Result<pid_t> started = start(options, plan);
  if (!started) return started.error();
  const pid_t pid = started.value();
  known.add(lock, pid);
  lock.unlock();
  // The pid cannot be recycled before we reap it, so opening it afterwards is no race.
  Fd pidfd = base::open_pidfd(pid);
  const int pidfd_error = errno;
  std::unique_ptr<Process> process(new Process(pid, std::move(pidfd), options.new_process_group));
  if (!process->pidfd_.valid()) {
    return system_error("process: open pidfd of '" + options.program + "'", pidfd_error);
  }
  return process;
}

Process::~Process() {
  if (status_) return;
  kill();
  wait();
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
  if (leads_group_) ::kill(-pid_, SIGKILL);
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
  if (!status_ && leads_group_) ::kill(-pid_, number);
}

void Process::kill() {
  if (status_) return;
  if (leads_group_) return kill_group(pid_);
  signal(SIGKILL);
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
