// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/zygote.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/php.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

using base::Fd;

struct Child {
  pid_t pid;
  std::size_t slot;
};

// The descriptors that a Fork message carries, in this order.
struct ChildDescriptors {
  Fd channel;
  Fd standard_output;
  Fd standard_error;
};

std::uint64_t cpu_us(const rusage& usage) {
  const auto us = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

class Zygote {
 public:
  Zygote(std::vector<Fd> controls, Chores& chores)
      : chores_(chores), controls_(std::move(controls)) {
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    base::check(::sigprocmask(SIG_BLOCK, &child_signal, nullptr), "php-worker: block SIGCHLD");
    // As a subreaper the zygote becomes the parent of background programs that left their event's
    // group, and can end them.
    base::check(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "php-worker: adopt orphans");
    child_ends_ = Fd(base::check(::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK),
                                 "php-worker: make signalfd"));
    polled_.resize(controls_.size() + 1);
    children_.reserve(controls_.size() * 2);
  }

  // As fork_on_demand.
  std::optional<Birth> run() {
    for (;;) {
      if (!wait_for_work()) {
        reap_all();
        return std::nullopt;
      }
      // Forks before exits: a slot is waiting for its child.
      for (std::size_t slot = 0; slot < controls_.size(); ++slot) {
        if (polled_[slot].revents == 0) continue;
        if (auto birth = answer(slot)) return birth;
      }
      if (polled_.back().revents != 0) reap();
      if (shares_broken_memory_) {
        base::log_warn(
            "php-worker: zygote: a child was killed and may have held a lock in APCu's "
            "memory, which is then never released; this zygote ends and another one boots");
        return std::nullopt;
      }
      chores_.work([this] { return is_asked(); });
    }
  }

 private:
  // False when no slot is left.
  bool wait_for_work() {
    bool any = false;
    for (std::size_t slot = 0; slot < controls_.size(); ++slot) {
      // poll ignores a negative descriptor.
      polled_[slot] = {controls_[slot].get(), POLLIN, 0};
      any = any || controls_[slot].valid();
    }
    polled_.back() = {child_ends_.get(), POLLIN, 0};
    if (any) base::poll_until(polled_, base::kNoDeadline);
    return any;
  }

  // True when a message or a hang-up of a slot waits.
  bool is_asked() {
    for (pollfd& polled : polled_) polled.revents = 0;
    constexpr base::Deadline kNow{};  // in the past
    return base::poll_until(std::span(polled_).first(controls_.size()), kNow) > 0;
  }

  // Serves one message of a slot. Returns a value only in a new child.
  std::optional<Birth> answer(std::size_t slot) {
    const auto asked_for = std::chrono::steady_clock::now();
    auto message = base::receive_message(controls_[slot].get());
    if (!message) {
      close_slot(slot);
      return std::nullopt;
    }
    if (message->descriptors.size() != 3) {
      base::log_error("php-worker: a fork message: expected 3 descriptors, got " +
                      std::to_string(message->descriptors.size()) + " [bug]");
      return std::nullopt;
    }
    ChildDescriptors descriptors{std::move(message->descriptors[0]),
                                 std::move(message->descriptors[1]),
                                 std::move(message->descriptors[2])};
    chores_.before_fork();
    const pid_t pid = ::fork();
    if (pid == 0) return Birth{become_child(std::move(descriptors)), asked_for};
    report_fork(slot, pid, errno);
    return std::nullopt;
  }

  void report_fork(std::size_t slot, pid_t pid, int code) {
    if (pid == -1) {
      send_to(slot, wire::encode(wire::Forked{0, code}));
      return;
    }
    // The child sets its group too: whichever runs first, the group exists before anyone signals
    // it.
    ::setpgid(pid, pid);
    children_.push_back({pid, slot});
    // The child is not reaped yet, so the pid cannot belong to another process.
    const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const wire::EncodedFrame frame = wire::encode(wire::Forked{pid, 0});
    const int raw = pidfd.get();
    const std::span<const int> passed(&raw, pidfd.valid() ? 1 : 0);
    if (!base::send_message(controls_[slot].get(), frame.head, passed)) close_slot(slot);
  }

  // In the child: leaves the zygote's group, streams and signal mask, and keeps the channel.
  static Fd become_child(ChildDescriptors descriptors) {
    ::setpgid(0, 0);
    ::dup2(descriptors.standard_output.get(), STDOUT_FILENO);
    ::dup2(descriptors.standard_error.get(), STDERR_FILENO);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return std::move(descriptors.channel);
  }

  void reap() {
    signalfd_siginfo ignored{};
    while (::read(child_ends_.get(), &ignored, sizeof ignored) > 0) {
    }
    // WNOWAIT leaves the zombie, which keeps its pid from being reused while its group is killed.
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
      ::kill(-info.si_pid, SIGKILL);
      int wait_status = 0;
      rusage usage{};
      if (::wait4(info.si_pid, &wait_status, 0, &usage) != info.si_pid) break;
      if (info.si_pid == chores_.helper()) {
        chores_.helper_ended();
      } else {
        report_exit(info.si_pid, wait_status, usage);
      }
      info.si_pid = 0;
    }
    end_strays();
  }

  // Kills orphans of events that have ended: they are neither our children nor in the group of one.
  void end_strays() const {
    std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    for (pid_t pid = 0; list >> pid;) {
      const pid_t group = ::getpgid(pid);
      const auto is_live = [pid, group](const Child& child) {
        return child.pid == pid || child.pid == group;
      };
      if (pid != chores_.helper() && std::ranges::none_of(children_, is_live)) {
        ::kill(pid, SIGKILL);
      }
    }
  }

  // The last children were killed with their slots. Reap them here, so that init does not inherit
  // them.
  void reap_all() const {
    if (chores_.helper() != 0) ::kill(chores_.helper(), SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
  }

  void report_exit(pid_t pid, int wait_status, const rusage& usage) {
    const auto child = std::ranges::find(children_, pid, &Child::pid);
    if (child == children_.end()) return;
    const std::size_t slot = child->slot;
    children_.erase(child);
    // https://github.com/krakjoe/apcu/issues/632
    if (WIFSIGNALED(wait_status) && has_module("apcu")) shares_broken_memory_ = true;
    send_to(slot, wire::encode(wire::Exited{pid, wait_status, cpu_us(usage),
                                            static_cast<std::uint64_t>(usage.ru_maxrss) * 1024}));
  }

  void send_to(std::size_t slot, const wire::EncodedFrame& frame) {
    if (controls_[slot].valid() && !send_control(controls_[slot], frame)) close_slot(slot);
  }

  void close_slot(std::size_t slot) {
    controls_[slot].reset();
    for (const Child& child : children_) {
      if (child.slot == slot) ::kill(-child.pid, SIGKILL);
    }
  }

  Chores& chores_;
  std::vector<Fd> controls_;
  Fd child_ends_;
  std::vector<pollfd> polled_;
  std::vector<Child> children_;
  bool shares_broken_memory_ = false;
};

}  // namespace

base::Status send_control(const Fd& control, const wire::EncodedFrame& frame) {
  return base::send_message(control.get(), frame.head);
}

std::optional<Birth> fork_on_demand(std::vector<Fd> controls, Chores& chores) {
  // A local, so that in a child its destructor closes what only the zygote needs.
  Zygote zygote(std::move(controls), chores);
  return zygote.run();
}

}  // namespace phork::sapi
