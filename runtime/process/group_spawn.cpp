// SPDX-License-Identifier: MIT
#include "runtime/process/group_spawn.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace phork::process {
namespace {

// Below that of any thread, and far more than a few system calls need.
constexpr std::size_t kStackBytes = std::size_t{64} * 1024;
constexpr std::size_t kStackAlignment = 16;

enum class Step : std::uint8_t { kJoin, kPrepare, kExecute };

// Shared between the child and the thread that waits for it.
struct Child {
  const GroupSpawn& spawn;
  Step step = Step::kJoin;
  int error = 0;
};

bool join(const GroupSpawn& spawn) {
  constexpr char kMyself = '0';
  for (const int group : spawn.control_groups) {
    if (::write(group, &kMyself, 1) != 1) return false;
  }
  return true;
}

bool prepare(const GroupSpawn& spawn) {
  if (spawn.new_process_group && ::setpgid(0, 0) != 0) return false;
  if (spawn.working_directory != nullptr && ::chdir(spawn.working_directory) != 0) return false;
  for (const FdMapping& mapping : spawn.descriptors) {
    if (::dup2(mapping.ours, mapping.theirs) == -1) return false;
  }
  // Handlers are the child's own copy. Those that cannot be set have no other than the default.
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

// The child. Its memory is ours and our other threads run on: it takes no lock and no memory.
int become_program(void* shared) {
  Child& child = *static_cast<Child*>(shared);
  child.step = Step::kJoin;
  if (join(child.spawn)) {
    child.step = Step::kPrepare;
    if (prepare(child.spawn)) {
      child.step = Step::kExecute;
      ::execve(child.spawn.program, child.spawn.arguments, child.spawn.environment);
    }
  }
  child.error = errno;
  return 127;
}

base::Error error_of(const Child& child) {
  const std::string program = child.spawn.program;
  switch (child.step) {
    case Step::kJoin:
      return base::system_error("process: put '" + program + "' into its control group",
                                child.error);
    case Step::kPrepare:
      return base::system_error("process: prepare '" + program + "'", child.error);
    case Step::kExecute:
      break;
  }
  return base::system_error("process: spawn '" + program + "'", child.error);
}

}  // namespace

base::Result<pid_t> spawn_in_groups(const GroupSpawn& spawn) {
  const auto stack = std::make_unique<std::byte[]>(kStackBytes + kStackAlignment);
  void* top = stack.get() + kStackBytes;  // it grows downwards
  std::size_t room = kStackAlignment;
  std::align(kStackAlignment, 1, top, room);
  // A handler of ours must not run in the child, where it would act on our memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  Child child{spawn};
  const pid_t pid = ::clone(become_program, top, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
  const int clone_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid == -1) {
    return base::system_error("process: clone for '" + std::string(spawn.program) + "'",
                              clone_error);
  }
  if (child.error == 0) return pid;
  while (::waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
  }
  return error_of(child);
}

}  // namespace phork::process
