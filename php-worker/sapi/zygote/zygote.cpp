// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/zygote.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <span>
#include <string>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/php.h"
#include "php-worker/sapi/zygote/parents_end.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/result.h"
#include "runtime/base/socket_io.h"
#include "runtime/process/clone_spawn.h"
#include "runtime/process/known_children.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/stopped.h"
#include "runtime/slot/zygote_message.h"

namespace phork::sapi {
namespace {

using base::Fd;
using slot::Stage;
using slot::ZygoteMessage;
using Kind = slot::ZygoteMessage::Kind;

// A fork that failed for lack of memory or processes is tried again.
constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::seconds kForkTimeout{5};

struct Place {
  Seat& seat;
  Slot& slot;
  std::uint32_t slot_number;
  std::uint32_t seat_number;
  bool is_ours = false;  // to fork for
  pid_t child = 0;
  std::chrono::steady_clock::time_point born = {};
  unsigned connection = 0;  // that the child was born with
};

class Zygote {
 public:
  Zygote(const Fd& control, std::vector<Slot>& slots, ForkWhen when, unsigned most_children,
         Chores& chores, InheritedValues& values)
      : chores_(chores),
        values_(values),
        control_(control),
        when_(when),
        most_children_(most_children),
        connections_(slots.size()) {
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    base::check(::sigprocmask(SIG_BLOCK, &child_signal, nullptr), "php-worker: block SIGCHLD");
    // As a subreaper the zygote becomes the parent of background programs that left their event's
    // group, and can end them.
    process::adopt_orphans();
    watch_supervisor();
    child_ends_ = Fd(base::check(::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK),
                                 "php-worker: make signalfd"));
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      for (std::uint32_t k = 0; k < 2; ++k) {
        places_.push_back({slots[i].seats.at(k), slots[i], i, k});
      }
    }
  }

  std::variant<Birth, ForkingEnd> run() {
    for (;;) {
      if (const auto birth = fork_where_wanted()) return *birth;
      give_back_seats();
      if (is_over()) return is_abandoned_ ? ForkingEnd::kAbandoned : ForkingEnd::kOrderly;
      chores_.work([this] { return is_asked(); });
      if (chores_.wants_successor()) send({.kind = Kind::kWantsSuccessor});
      poll(failures_ == 0 ? base::kNoDeadline : std::chrono::steady_clock::now() + kPause);
      if (polled_[0].revents != 0) take_message();
      if (polled_[1].revents != 0) reap();
    }
  }

 private:
  Place& other_of(const Place& place) {
    return places_[(std::size_t{2} * place.slot_number) + (1 - place.seat_number)];
  }

  bool wants_child(const Place& place) {
    if (!place.is_ours || place.child != 0 || retires_ || stops_) return false;
    // The supervisor has yet to read the output of the last child.
    if (place.seat.side->stage() == Stage::kHandedOver) return false;
    if (place.seat.side->has_turn() || when_ == ForkWhen::kFree) return true;
    if (when_ == ForkWhen::kTurnComes) return false;
    const Place& other = other_of(place);
    return other.child != 0 && other.seat.side->stage() >= Stage::kAnswered;
  }

  // Returns a value only in a new child.
  std::optional<Birth> fork_where_wanted() {
    // Seats whose turn it is come first: somebody may wait.
    for (const bool has_turn : {true, false}) {
      for (Place& place : places_) {
        if (place.seat.side->has_turn() != has_turn || !wants_child(place)) continue;
        if (const auto birth = fork_for(place)) return birth;
      }
    }
    return std::nullopt;
  }

  std::optional<Birth> fork_for(Place& place) {
    const auto begun = std::chrono::steady_clock::now();
    if (!is_untouched()) return std::nullopt;
    chores_.before_fork();
    place.seat.side->begin_worker();
    const pid_t pid = ::fork();
    if (pid == 0) return become_child(place, begun);
    if (pid == -1) {
      fork_error_ = process::clone_error("php-worker: zygote: fork", errno).text;
      if (failures_++ == 0) {
        base::log_error(fork_error_);
        failing_since_ = begun;
      }
      return std::nullopt;
    }
    failures_ = 0;
    place.child = pid;
    place.born = begun;
    place.connection = connections_[place.slot_number];
    // Again and again, as a zygote that is to replace this one may fail to boot.
    if (most_children_ != 0 && ++children_ % most_children_ == 0)
      send({.kind = Kind::kWantsSuccessor});
    return std::nullopt;
  }

  // False when children would inherit what an event has changed: this zygote then ends.
  bool is_untouched() {
    is_spoiled_ = is_spoiled_ || values_.have_changed();
    return !is_spoiled_;
  }

  // Leaves the zygote's session, streams and signal mask, and keeps no descriptor of other seats.
  Birth become_child(Place& place, std::chrono::steady_clock::time_point begun) {
    // Nobody outside of a session can join one of its groups.
    ::setsid();
    hear_of_parents_end();
    if (!place.seat.side->is_born()) ::_exit(0);
    if (::getppid() != own_pid_) end_without_supervisor();
    ::dup2(place.seat.output.get(), STDOUT_FILENO);
    ::dup2(place.seat.error.get(), STDERR_FILENO);
    for (const Place& each : places_) {
      each.seat.output.reset();
      each.seat.error.reset();
      if (each.slot_number != place.slot_number) {
        each.seat.side->forget();
        each.slot.api.reset();
      }
    }
    // The first seat's numbers, whichever this one is.
    slot::WorkerSide& other = *other_of(place).seat.side;
    if (place.seat_number == 0) {
      other.close();
    } else {
      place.seat.side->take_numbers_of(other);
    }
    if (when_ == ForkWhen::kAnswered) place.seat.side->wakes(own_pid_);
    child_ends_.reset();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return {*place.seat.side, *place.slot.api, begun};
  }

  void give_back_seats() {
    if (!retires_) return;
    for (Place& place : places_) {
      if (place.is_ours && place.child == 0 && place.seat.side->stage() != Stage::kHandedOver) {
        give_back(place, 0);
      }
    }
  }

  void give_back(Place& place, int wait_status) {
    place.is_ours = false;
    send({Kind::kSeatBack, place.slot_number, place.seat_number, wait_status});
  }

  bool is_over() const {
    const bool has_children =
        std::ranges::any_of(places_, [](const Place& place) { return place.child != 0; });
    if (is_spoiled_) return true;
    const auto has_event = [](const Place& place) {
      const Stage stage = place.seat.side->stage();
      return place.child != 0 && stage >= Stage::kTaken && stage < Stage::kDone;
    };
    const bool gives_up =
        failures_ != 0 && std::chrono::steady_clock::now() - failing_since_ >= kForkTimeout;
    if (gives_up && std::ranges::none_of(places_, has_event)) {
      send({.kind = Kind::kBootFailed, .failure = {"Runtime.BootFailed", fork_error_, {}}});
      return true;
    }
    const bool has_seats =
        std::ranges::any_of(places_, [](const Place& place) { return place.is_ours; });
    return (stops_ && !has_children) || (retires_ && !has_seats && !has_children);
  }

  static bool is_meant(const Place& place, const ZygoteMessage& message) {
    const auto born_ns = std::chrono::nanoseconds(place.born.time_since_epoch()).count();
    return place.child != 0 && born_ns <= message.seen_ns &&
           place.seat.side->events() == message.event;
  }

  int poll(base::Deadline until) {
    polled_ = {pollfd{control_.get(), POLLIN, 0}, pollfd{child_ends_.get(), POLLIN, 0}};
    return base::poll_until(polled_, until);
  }

  // True when a message, or the end of a child, waits.
  bool is_asked() {
    constexpr base::Deadline kNow{};  // in the past
    return poll(kNow) > 0;
  }

  void take_message() {
    const auto received = base::receive_message(control_.get());
    if (!received) return abandon();  // the supervisor is gone
    const auto message = slot::decode_zygote_message(received->bytes);
    if (!message) return base::log_error(message.error().text + " [bug]");
    const std::size_t index = (std::size_t{2} * message->slot) + message->seat;
    if (index >= places_.size()) return;
    Place& place = places_[index];
    switch (message->kind) {
      case Kind::kTakeSeat:
        place.is_ours = true;
        break;
      case Kind::kSignal:
        // It has not been reaped, so the pid cannot belong to another process.
        if (is_meant(place, message.value())) {
          if (message->value == SIGKILL) {
            process::kill_group(place.child);
          } else {
            ::kill(place.child, message->value);
          }
        }
        break;
      case Kind::kRetire:
        retires_ = true;
        for (Place& each : places_) each.seat.side->say_leave();
        break;
      case Kind::kStop:
        stop();
        break;
      default:  // kLookAgain
        break;
    }
  }

  void stop() {
    stops_ = true;
    for (const Place& place : places_) {
      if (place.child == 0) continue;
      if (place.seat.side->has_turn()) {
        ::kill(place.child, slot::kStopSignal);
      } else {
        process::kill_group(place.child);
      }
    }
  }

  // Ends everything at once: nobody is left to wait for an answer.
  void abandon() {
    for (Place& place : places_) {
      if (place.child != 0) process::kill_group(std::exchange(place.child, 0));
    }
    process::KnownChildren::of_this_process().end_strays();
    stops_ = true;
    is_abandoned_ = true;
  }

  void reap() {
    signalfd_siginfo ignored{};
    [[maybe_unused]] const ssize_t got = ::read(child_ends_.get(), &ignored, sizeof ignored);
    bool has_strays = false;
    // WNOWAIT leaves the zombie, which keeps its pid from being reused while its group is killed.
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0) {
      const pid_t pid = std::exchange(info.si_pid, 0);
      const auto place = std::ranges::find(places_, pid, &Place::child);
      if (info.si_code == CLD_STOPPED) {
        has_stopped(pid, place == places_.end() ? nullptr : &*place);
        continue;
      }
      const bool is_child = place != places_.end();
      const bool is_good =
          is_child && info.si_code == CLD_EXITED && info.si_status == 0 && has_left(*place);
      if (!is_good) ::kill(-pid, SIGKILL);
      int wait_status = 0;
      if (::waitpid(pid, &wait_status, 0) != pid) break;
      if (pid == chores_.helper()) {
        chores_.helper_ended();
        continue;
      }
      has_strays = has_strays || !is_good;
      if (is_child) end_child(*place, is_good, wait_status);
    }
    if (has_strays) end_strays();
  }

  // An event has stopped a child, itself or another one. One that waits for its event goes on at
  // once; an event that stopped itself ends at its deadline.
  void has_stopped(pid_t pid, const Place* place) const {
    const bool has_event = place != nullptr && place->seat.side->has_event();
    if (!has_event) {
      process::continue_if_stopped(pid);
      return;
    }
    // The kernel tells of it again until it is waited for.
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOHANG);
  }

  // A child that passed its turn on, or has the supervisor do so, has left nothing behind.
  bool has_left(const Place& place) {
    return other_of(place).seat.side->has_turn() || place.seat.side->stage() == Stage::kHandedOver;
  }

  void end_child(Place& place, bool is_good, int wait_status) {
    place.child = 0;
    unsigned& connection = connections_[place.slot_number];
    // A child outside of its turn has not used it, and the other one may be using it now.
    const bool may_be_amid = !is_good && !other_of(place).seat.side->has_turn();
    const bool is_spoiled = may_be_amid || place.seat.side->has_reconnected();
    if (is_spoiled && place.connection == connection) {
      ++connection;
      // The supervisor may have a stream to end on it, which also makes it fit for others.
      place.slot.api->connection().reopen(is_good || !place.seat.side->has_streamed());
    }
    if (is_good) return;
    values_.look_again();
    // https://github.com/krakjoe/apcu/issues/632
    if (WIFSIGNALED(wait_status) && has_module("apcu") && !stops_) {
      base::log_warn(
          "php-worker: zygote: a child was killed and may have held a lock in APCu's memory, which "
          "is then never released; this zygote ends and another one boots");
      is_spoiled_ = true;
    }
    give_back(place, wait_status);
  }

  // Ends orphans of events that have ended. Those of others are below their own children, which are
  // subreapers, too.
  void end_strays() const {
    process::KnownChildren::of_this_process().end_strays([this](pid_t pid) {
      return pid == chores_.helper() ||
             std::ranges::find(places_, pid, &Place::child) != places_.end();
    });
  }

  void send(const ZygoteMessage& message) const {
    // When it fails the supervisor is gone, which the next poll shows.
    static_cast<void>(base::send_message(control_.get(), slot::encode(message)));
  }

  Chores& chores_;
  InheritedValues& values_;
  const Fd& control_;
  const ForkWhen when_;
  const unsigned most_children_;
  const pid_t own_pid_ = ::getpid();
  std::vector<unsigned> connections_;  // by slot: how often it was opened again
  std::vector<Place> places_;          // two of each slot
  Fd child_ends_;
  std::array<pollfd, 2> polled_{};
  unsigned children_ = 0;
  unsigned failures_ = 0;  // of fork, in a row
  std::string fork_error_;
  std::chrono::steady_clock::time_point failing_since_ = {};
  bool is_spoiled_ = false;  // what all children share may be in disorder
  bool retires_ = false;
  bool stops_ = false;
  bool is_abandoned_ = false;
};

}  // namespace

std::variant<Birth, ForkingEnd> fork_children(const Fd& control, std::vector<Slot>& slots,
                                              ForkWhen when, unsigned most_children, Chores& chores,
                                              InheritedValues& values) {
  // A local, so that in a child its destructor closes what only the zygote needs.
  Zygote zygote(control, slots, when, most_children, chores, values);
  return zygote.run();
}

}  // namespace phork::sapi
