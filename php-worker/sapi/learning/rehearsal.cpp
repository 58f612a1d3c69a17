// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/rehearsal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/learning/class_learning.h"
#include "php-worker/sapi/learning/rehearsal_item.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/process/known_children.h"

namespace phork::sapi {
namespace {

// A copy that ends by itself writes one of these first; a failure's message follows.
constexpr std::string_view kPlayed = "p";
constexpr std::string_view kInterrupted = "i";

// Of the last rehearse() in this process.
base::Deadline budget_end = base::kNoDeadline;

// Returns the fatal error that ended the rehearsal, if there was one.
std::optional<event::Failure> judge(const std::string& item,
                                    const base::Result<CallResult>& played) {
  if (!played) return event::Failure{kInvalidWarmup, played.error().text, {}};
  const ServerContext& context = current_context();
  if (context.has_fatal && EG(exit_status) != 0) {
    return event::Failure{"Runtime.PhpFatal",
                          "rehearsal of '" + item + "' failed: " + context.fatal.message + " in " +
                              context.fatal.file + ":" + std::to_string(context.fatal.line),
                          {}};
  }
  if (const auto* failure = std::get_if<event::Failure>(&played.value())) {
    base::log_warn("php-worker: rehearse '" + item + "': " + failure->type + ": " +
                   failure->message);
  } else if (std::holds_alternative<HttpDone>(played.value()) && context.status >= 500) {
    base::log_warn("php-worker: rehearse '" + item + "': status " + std::to_string(context.status));
  }
  return std::nullopt;
}

// The result of one item.
struct Played {
  std::optional<event::Failure> failure;
  bool interrupted = false;
};

base::Deadline end_of(std::chrono::milliseconds budget) {
  return budget.count() == 0 ? base::kNoDeadline : std::chrono::steady_clock::now() + budget;
}

// Plays items as long as the budget lasts, in this process or in copies of it.
class Stage {
 public:
  Stage(Application& application, const EntryPoint& entry, const RehearsalPlan& plan)
      : stage_{application, entry,
               application.is_script() ? Lifetime::kCopy : Lifetime::kManyEvents},
        end_(budget_end) {
    const base::Learn setting = base::value_of(base::settings::kLearn);
    if (plan.forks_follow && application.is_script() && setting != base::Learn::kOff) {
      lessons_.emplace(ClassLearning::Teacher::kRehearsal, setting);
    }
  }

  bool time_is_up() const { return Clock::now() >= end_; }

  Played play(const std::string& item) {
    // fork() does not copy timers, so a copy makes its own.
    if (end_ != base::kNoDeadline) timer_.emplace().arm(end_ - Clock::now());
    const auto played = play_item(stage_, item);
    if (timer_) timer_->disarm();
    if (current_context().timed_out) return {{}, true};
    return {judge(item, played), false};
  }

  // A script declares its functions and classes each time it runs, so after one run it could not
  // run again in this process or its forks. It runs in a copy, whose work is not all lost:
  // opcache's memory is shared, and what is safe to keep is handed over.
  Played play_in_copy(const std::string& item);

 private:
  using Clock = std::chrono::steady_clock;

  [[noreturn]] void play_and_leave(const std::string& item, const base::Fd& pipe);

  RehearsalStage stage_;
  const base::Deadline end_;
  std::optional<InterruptTimer> timer_;
  std::optional<ClassLearning> lessons_;
};

void Stage::play_and_leave(const std::string& item, const base::Fd& pipe) {
  if (lessons_) lessons_->watch();
  const Played played = play(item);
  finish_event();
  if (lessons_) lessons_->report();
  const std::string message = played.failure ? played.failure->message : "";
  std::array<iovec, 2> parts{base::as_iovec(played.interrupted ? kInterrupted : kPlayed),
                             base::as_iovec(message)};
  [[maybe_unused]] const base::Status written = base::write_all(pipe.get(), parts);
  std::fflush(nullptr);
  ::_exit(0);
}

Played Stage::play_in_copy(const std::string& item) {
  auto pipe = base::open_pipe();
  if (!pipe) return {event::Failure{kInvalidWarmup, pipe.error().text, {}}, false};
  const pid_t own_pid = ::getpid();
  const pid_t pid = ::fork();
  base::check(pid, "php-worker: fork a rehearsal");
  if (pid == 0) {
    process::end_with_parent(own_pid);
    play_and_leave(item, pipe->second);
  }
  pipe->second.reset();
  const base::Deadline deadline =
      end_ == base::kNoDeadline ? end_ : std::max(end_, Clock::now()) + kTimeToEnd;
  std::string verdict = base::read_to_end(pipe->first.get(), deadline);
  // It may be stopped, or have closed the pipe and go on.
  const base::Fd pidfd = base::open_pidfd(pid);
  const base::Deadline end = verdict.empty() ? deadline : Clock::now() + kTimeToEnd;
  const bool hangs = !pidfd.valid() || !base::wait_readable(pidfd.get(), end);
  if (hangs) ::kill(pid, SIGKILL);
  const bool stuck = hangs && verdict.empty();
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (stuck || verdict.starts_with(kInterrupted)) return {{}, true};
  if (lessons_) lessons_->take_over_now();
  if (verdict.size() > 1) return {event::Failure{kInvalidWarmup, verdict.substr(1), {}}, false};
  const bool has_ended = hangs || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (!verdict.empty() && has_ended) return {};
  return {event::Failure{kInvalidWarmup,
                         "rehearsal of '" + item + "' failed: its process ended with wait status " +
                             std::to_string(status),
                         {}},
          false};
}

void warn_of_end(const RehearsalPlan& plan, const std::string& interrupted, std::size_t skipped) {
  const std::string what =
      interrupted.empty() ? "rehearse" : "rehearse '" + interrupted + "': interrupted";
  base::log_warn("php-worker: " + what +
                 ": PHORK_WARMUP_BUDGET_MS=" + std::to_string(plan.budget.count()) +
                 " is used up, " + std::to_string(skipped) + " more skipped");
}

}  // namespace

base::Deadline rehearsal_end() {
  return budget_end;
}

Rehearsed rehearse(Application& application, const EntryPoint& entry, const RehearsalPlan& plan) {
  const std::vector<std::string> items = split_rehearsal(plan.list);
  if (items.empty()) return {};
  budget_end = end_of(plan.budget);
  Stage stage(application, entry, plan);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (stage.time_is_up()) {
      warn_of_end(plan, {}, items.size() - i);
      break;
    }
    const bool in_copy = application.is_script();
    Played played = in_copy ? stage.play_in_copy(items[i]) : stage.play(items[i]);
    if (played.failure) return {std::move(played.failure), false};
    if (!in_copy) close_event();
    if (!played.interrupted) continue;
    warn_of_end(plan, items[i], items.size() - i - 1);
    return {{}, !in_copy};
  }
  current_context() = ServerContext{};
  return {};
}

}  // namespace phork::sapi
