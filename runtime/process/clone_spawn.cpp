// SPDX-License-Identifier: MIT
#include "runtime/process/clone_spawn.h"

#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace phork::process {
namespace {

// Below that of any thread, and far more than a few system calls need.
constexpr std::size_t kStackBytes = std::size_t{64} * 1024;
constexpr std::size_t kStackAlignment = 16;

enum class Step : std::uint8_t { kJoin, kPrepare, kExecute };

// Shared between the child and the thread that waits for it.
struct Child {
  const CloneSpawn& spawn;
  pid_t parent = 0;
  Step step = Step::kJoin;
  int error = 0;
};

bool join(const CloneSpawn& spawn) {
  constexpr char kMyself = '0';
  for (const int group : spawn.control_groups) {
    if (::write(group, &kMyself, 1) != 1) return false;
  }
  return true;
}

bool prepare(const Child& child) {
  const CloneSpawn& spawn = child.spawn;
  if (::prctl(PR_SET_PDEATHSIG, spawn.death_signal) != 0) return false;
  // If the parent has ended before that, nobody will send the signal.
  if (::getppid() != child.parent) ::_exit(127);
  if (spawn.adopts_orphans && ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return false;
  if (::setsid() == -1) return false;
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
    if (prepare(child)) {
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

base::Result<Cloned> clone_on_this_thread(const CloneSpawn& spawn) {
  const auto stack = std::make_unique<std::byte[]>(kStackBytes + kStackAlignment);
  void* top = stack.get() + kStackBytes;  // it grows downwards
  std::size_t room = kStackAlignment;
  std::align(kStackAlignment, 1, top, room);
  // A handler of ours must not run in the child, where it would act on our memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  Child child{spawn, ::getpid()};
  int pidfd = -1;
  const pid_t pid =
      ::clone(become_program, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
  const int code = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid == -1) {
    return clone_error("process: clone for '" + std::string(spawn.program) + "'", code);
  }
  base::Fd held(pidfd);
  if (child.error == 0) return Cloned{pid, std::move(held)};
  while (::waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
  }
  return error_of(child);
}

// A thread that never ends. To the kernel a child's parent is the thread that made it, and the
// signal is sent when that thread ends, even if its process lives on.
class LastingThread {
 public:
  static LastingThread& of_this_process() {
    // Never destroyed: it may be used until the process ends.
    static auto* const thread = new LastingThread;
    return *thread;
  }

  base::Result<Cloned> clone(const CloneSpawn& spawn) {
    std::packaged_task<base::Result<Cloned>()> task(
        [&spawn] { return clone_on_this_thread(spawn); });
    auto cloned = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    added_.notify_one();
    return cloned.get();
  }

 private:
  LastingThread() {
    std::thread([this] { work(); }).detach();
  }

  [[noreturn]] void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      added_.wait(lock, [this] { return !tasks_.empty(); });
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::packaged_task<base::Result<Cloned>()>> tasks_;
};

}  // namespace

base::Error clone_error(const std::string& action, int code) {
  base::Error error = base::system_error(action, code);
  rlimit limit{};
  if (code != EAGAIN || ::getrlimit(RLIMIT_NPROC, &limit) == -1) return error;
  if (limit.rlim_cur == RLIM_INFINITY) return error;
  error.text += " (RLIMIT_NPROC allows " + std::to_string(limit.rlim_cur) +
                " processes and threads of this user)";
  return error;
}

base::Result<Cloned> clone_spawn(const CloneSpawn& spawn) {
  // The main thread ends with the process.
  if (::gettid() == ::getpid()) return clone_on_this_thread(spawn);
  try {
    return LastingThread::of_this_process().clone(spawn);
  } catch (const std::system_error& error) {
    return base::system_error(
        "process: start a thread to spawn '" + std::string(spawn.program) + "'",
        error.code().value());
  }
}

}  // namespace phork::process
