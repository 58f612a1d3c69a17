// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/practice.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <variant>
#include <vector>

#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/learning/rehearsal.h"
#include "php-worker/sapi/learning/rehearsal_item.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"
#include "runtime/process/known_children.h"

namespace phork::sapi {
namespace {

using Clock = std::chrono::steady_clock;

// The first teaches, the second confirms; the third is for lessons that others made possible.
constexpr int kMostRounds = 3;

// Where the budget has no end. The list was played before the seal and did not hang there.
constexpr std::chrono::seconds kLongestCopy{5};

// Exit codes of copies. PHP code that ends the process by itself has another one.
constexpr int kPlayed = 112;
constexpr int kInterrupted = 113;
constexpr int kRefused = 114;
constexpr int kFailed = 115;

class Practice : private base::Pinned {
 public:
  Practice(Application& application, const EntryPoint& entry, const PracticeSteps& steps)
      : stage_{application, entry, Lifetime::kCopy},
        steps_(steps),
        end_(rehearsal_end() == base::kNoDeadline ? Clock::now() + kLongestCopy : rehearsal_end()) {
  }

  ~Practice() {
    for (const pid_t pid : leaving_) {
      ::kill(pid, SIGKILL);  // PHP code, too, can say it, by writing to all descriptors
      reap(pid);
    }
  }

  bool time_is_up() const { return Clock::now() >= end_; }

  // Takes out of the list what was not played to its end: it would fail again.
  void play_round(std::vector<std::string>& items) {
    std::erase_if(items,
                  [this](const std::string& item) { return time_is_up() || !play_in_copy(item); });
  }

 private:
  bool play_in_copy(const std::string& item);
  [[noreturn]] void play_and_leave(const std::string& item, const base::Fd& done);
  // Ends what it has started, too. Returns its wait status.
  static int reap(pid_t pid);

  const RehearsalStage stage_;
  const PracticeSteps& steps_;
  const base::Deadline end_;
  // Copies that have said that they are done. Their ends, milliseconds in the kernel, go on beside
  // the next steps.
  std::vector<pid_t> leaving_;
};

// The rehearsal before the seal has printed and logged all this already.
void be_silent() {
  const base::Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(null.get(), STDOUT_FILENO);
  ::dup2(null.get(), STDERR_FILENO);
}

void Practice::play_and_leave(const std::string& item, const base::Fd& done) {
  ::setsid();
  be_silent();
  InterruptTimer timer;
  timer.arm(end_ - Clock::now());
  if (!steps_.enter()) ::_exit(kRefused);
  const UsageMeter meter;
  const auto played = play_item(stage_, item);
  const std::uint32_t faults = meter.read().minor_faults;
  timer.disarm();
  if (current_context().timed_out) ::_exit(kInterrupted);
  finish_event();
  if (!played || std::holds_alternative<event::Failure>(played.value())) ::_exit(kFailed);
  steps_.leave(faults);
  [[maybe_unused]] const ssize_t told = ::write(done.get(), "d", 1);
  ::_exit(kPlayed);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  switch (WEXITSTATUS(status)) {
    case kInterrupted:
      return "was interrupted, because the rehearsal's budget is used up";
    case kRefused:
      return "could not begin, because a hook of Phork\\onFork failed";
    case kFailed:
      return "failed to serve it";
    default:
      return "ended itself with exit code " + std::to_string(WEXITSTATUS(status));
  }
}

int Practice::reap(pid_t pid) {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) == -1 &&
         errno == EINTR) {
  }
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  return status;
}

bool Practice::play_in_copy(const std::string& item) {
  auto pipe = base::open_pipe();
  if (!pipe) return false;
  const pid_t own_pid = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    process::end_with_parent(own_pid);
    play_and_leave(item, pipe->second);
  }
  if (pid == -1) return false;
  bool hung = false;
  {
    const base::Fd pidfd = base::open_pidfd(pid);
    std::array<pollfd, 2> polled{pollfd{pipe->first.get(), POLLIN, 0},
                                 pollfd{pidfd.get(), POLLIN, 0}};
    base::poll_until(polled, end_ + kTimeToEnd);
    if ((polled[0].revents & POLLIN) != 0) {
      leaving_.push_back(pid);
      return true;
    }
    // It failed, or PHP code has closed the pipe.
    hung = !pidfd.valid() || !base::wait_readable(pidfd.get(), end_ + kTimeToEnd);
  }
  if (hung) ::kill(pid, SIGKILL);
  const int status = reap(pid);
  const bool played = WIFEXITED(status) && WEXITSTATUS(status) == kPlayed;
  if (!played) {
    base::log_warn("php-worker: rehearse '" + item + "' in a copy of the zygote: the copy " +
                   (hung ? "hung and was killed" : describe_end(status)) +
                   "; the zygote goes on without its lessons");
  }
  return played;
}

}  // namespace

bool practise(Application& application, const EntryPoint& entry, const PracticeSteps& steps) {
  std::vector<std::string> items = split_rehearsal(base::variable("PHORK_WARMUP"));
  if (items.empty()) return false;
  Practice practice(application, entry, steps);
  for (int round = 0; round < kMostRounds && !items.empty(); ++round) {
    if (practice.time_is_up()) return round != 0;
    practice.play_round(items);
    if (!steps.take_over()) break;
  }
  return true;
}

}  // namespace phork::sapi
