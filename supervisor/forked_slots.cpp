// SPDX-License-Identifier: MIT
#include "supervisor/forked_slots.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/process/known_children.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/stopped.h"
#include "runtime/slot/lost_event.h"
#include "runtime/slot/worker_side.h"

namespace phork::supervisor {
namespace {

using process::ExitStatus;
using process::KnownChildren;
using Kind = slot::ZygoteMessage::Kind;

// Crashes count because all children share one memory layout, and an attacker learns something
// about it from each crash.
constexpr unsigned kMostCrashes = 16;

// A zygote that replaces another one may be killed while it boots, by whatever killed that one.
constexpr unsigned kMostKilledBoots = 3;

// Between two forks a zygote does nothing that takes long.
constexpr std::chrono::seconds kZygoteTimeout{1};

}  // namespace

ForkedSlots::ForkedSlots(const Surroundings& surroundings, Ended ended)
    : Workers(surroundings, std::move(ended)),
      billed_(surroundings.config.settings.slots),
      histories_(billed_.size()) {
  int next = slot::kFirstDescriptor + 1;
  for (std::uint32_t slot = 0; slot < around_.config.settings.slots; ++slot) {
    Seat* first = nullptr;
    for (std::uint32_t number = 0; number < 2; ++number) {
      Place place;
      place.seat = std::make_unique<Seat>(around_, *this, first);
      place.slot = slot;
      place.number = number;
      first = place.seat.get();
      const auto pipes = place.seat->open_output(their_outputs_);
      if (!pipes) throw base::SystemError(EMFILE, pipes.error().text);
      for (const process::FdMapping& mapping : place.seat->side().descriptors(next)) {
        descriptors_.push_back(mapping);
      }
      for (const process::FdMapping& pipe : pipes.value()) {
        const bool is_output = pipe.theirs == STDOUT_FILENO;
        const auto which = is_output ? slot::Descriptor::kOutput : slot::Descriptor::kError;
        descriptors_.push_back({pipe.ours, next + static_cast<int>(which)});
      }
      next += slot::kSeatDescriptors;
      place.seat->side().end_turn();  // no worker is in it
      places_.push_back(std::move(place));
    }
    first = nullptr;
    places_[std::size_t{2} * slot].seat->side().give_turn();
  }
}

ForkedSlots::~ForkedSlots() {
  for (BilledEvent& event : billed_) event.end(around_.config);
}

void ForkedSlots::start() {
  start_zygote();
}

void ForkedSlots::wind_down() {
  for (const auto& zygote : zygotes_) {
    if (zygote->booted()) {
      zygote->send({.kind = Kind::kStop});
    } else {
      zygote->kill();
    }
  }
  for (Place& place : places_) {
    if (place.adopted != 0) stop_adopted(place);
  }
}

void ForkedSlots::signal(Seat& seat, int number, const slot::Record& seen) {
  Place& place = place_of(seat);
  if (place.adopted != 0) {
    signal_adopted(place, number);
  } else if (place.zygote != nullptr) {
    const auto seen_ns = std::chrono::nanoseconds(seen.read.time_since_epoch()).count();
    place.zygote->send({Kind::kSignal, place.slot, place.number, number, seen_ns, seen.event});
    if (number != SIGKILL) return;
    limit_zygote(place, [&side = seat.side(), event = seen.event] {
      const slot::Record now = side.read();
      return now.has_event() && now.has_turn && now.event == event;
    });
  }
}

// Looked at here, as nothing else wakes the supervisor when a slot has nobody to ask for an event:
// its zygote should have forked when the last one passed the turn on.
void ForkedSlots::is_over(Seat& seat) {
  const Place& place = place_of(seat);
  Place& next = seat.side().read().has_turn ? place_of(seat) : other_of(place);
  const auto has_nobody = [&side = next.seat->side()] {
    const slot::Record now = side.read();
    return now.has_turn && now.stage == slot::Stage::kDone;
  };
  if (has_nobody()) limit_zygote(next, has_nobody);
}

void ForkedSlots::limit_zygote(Place& place, std::function<bool()> is_owed) {
  if (place.zygote == nullptr) return;
  const std::uint32_t generation = place.zygote->generation();
  const auto look = [&place, generation, is_owed = std::move(is_owed)] {
    if (place.zygote == nullptr || place.zygote->generation() != generation || !is_owed()) return;
    base::log_warn("supervisor: zygote of generation " + std::to_string(generation) +
                   " has not done its part within " + std::to_string(kZygoteTimeout.count()) +
                   " s, and is killed");
    place.zygote->kill();
  };
  place.limit = around_.loop.after(kZygoteTimeout, look);
}

void ForkedSlots::look_for_stopped() {
  for (const auto& zygote : zygotes_) {
    if (!zygote->continue_if_stopped()) continue;
    base::log_warn("supervisor: zygote of generation " + std::to_string(zygote->generation()) +
                   " was stopped, and goes on");
  }
  for (const Place& place : places_) {
    if (place.adopted == 0 || place.seat->side().read().runs_code()) continue;
    process::continue_if_stopped(place.adopted);
  }
}

// Under rollback the worker goes on, or ends with the turn, unless PHP code has changed that; a
// child that ends otherwise hands its turn to the next. Its zygote may wait for that.
void ForkedSlots::settled(Seat& seat) {
  const Place& place = place_of(seat);
  if (around_.config.strategy->workers == strategies::Workers::kForked) {
    seat.side().pass_turn();
  } else if (!other_of(place).seat->side().read().has_turn) {
    seat.side().give_turn();
  }
  seat.side().resume(slot::Stage::kHandedOver);
  if (current_ != nullptr) current_->send({.kind = Kind::kLookAgain});
  if (place.zygote != nullptr && place.zygote != current_) {
    place.zygote->send({.kind = Kind::kLookAgain});
  }
}

void ForkedSlots::has_cost(Seat& seat, BilledEvent event) {
  const Place& place = place_of(seat);
  // The event before, of the other seat, comes first.
  if (around_.tracer != nullptr) other_of(place).seat->catch_up();
  around_.trace(place.slot, *event.cost());
  billed_[place.slot] = std::move(event);
}

// The cost of the last event may have come from the other seat.
void ForkedSlots::asks(Seat& seat) {
  const Place& place = place_of(seat);
  other_of(place).seat->catch_up();
  billed_[place.slot].end(around_.config);
}

ForkedSlots::Place& ForkedSlots::place_of(const Seat& seat) {
  return *std::ranges::find(places_, &seat, [](const Place& p) { return p.seat.get(); });
}

ForkedSlots::Place& ForkedSlots::other_of(const Place& place) {
  return places_[(std::size_t{2} * place.slot) + (1 - place.number)];
}

void ForkedSlots::start_zygote() {
  crashes_ = 0;
  auto zygote = Zygote::start(
      around_.loop, around_.config, ++generation_, descriptors_,
      {[this](Zygote& from, const slot::ZygoteMessage& message) { on_message(from, message); },
       [this](Zygote& from, ExitStatus status) { on_zygote_end(from, status); },
       [](Zygote& from) { from.kill(); }});
  if (!zygote) {
    // Another crash asks again where a zygote is left.
    if (current_ != nullptr) return base::log_error(zygote.error().text);
    return try_again(zygote.error(), [this] { refresh(); });
  }
  has_started();
  zygotes_.push_back(std::move(zygote).value());
}

void ForkedSlots::on_message(Zygote& zygote, const slot::ZygoteMessage& message) {
  const std::size_t index = (std::size_t{2} * message.slot) + message.seat;
  switch (message.kind) {
    case Kind::kBooted:
      return on_booted(zygote);
    case Kind::kBootFailed:
      return boot_failed(zygote, message.failure);
    case Kind::kSeatBack:
      if (index < places_.size()) on_seat_back(places_[index], message.value);
      return;
    case Kind::kWantsSuccessor:
      if (&zygote == current_) refresh();
      return;
    default:
      return;
  }
}

void ForkedSlots::on_booted(Zygote& zygote) {
  zygote.has_booted();
  has_booted_ = true;
  killed_boots_ = 0;
  if (is_ending()) return zygote.send({.kind = Kind::kStop});
  if (current_ != nullptr) current_->send({.kind = Kind::kRetire});
  current_ = &zygote;
  for (Place& place : places_) {
    if (place.zygote == nullptr && place.adopted == 0) give(place);
  }
}

void ForkedSlots::on_seat_back(Place& place, int wait_status) {
  const bool is_retired = place.zygote != current_;
  place.zygote = nullptr;
  const ExitStatus status = ExitStatus::from_wait_status(wait_status);
  if (is_retired && status.clean()) return give(place);
  if (status.kind == ExitStatus::Kind::kSignalled && ++crashes_ >= kMostCrashes) refresh();
  end_worker(place, status);
}

void ForkedSlots::end_worker(Place& place, const std::optional<ExitStatus>& status) {
  Seat::End ended = place.seat->worker_ended(status);
  // The slot's events come to both seats in turns, so one of them may have had none.
  const std::uint32_t events =
      place.seat->side().read().event + other_of(place).seat->side().read().event;
  History& history = histories_[place.slot];
  ended.had_event = events != std::exchange(history.events, events);
  if (is_ending()) return;
  if (!may_go_on(ended, status, history.fruitless)) return;
  place.seat->side().end_turn();
  give(place);
}

void ForkedSlots::give(Place& place) {
  if (current_ == nullptr || is_ending()) return;
  place.zygote = current_;
  current_->send({Kind::kTakeSeat, place.slot, place.number});
}

void ForkedSlots::refresh() {
  const bool boots = std::ranges::any_of(zygotes_, [](const auto& z) { return !z->booted(); });
  if (!boots && !is_ending()) start_zygote();
}

std::unique_ptr<Zygote> ForkedSlots::remove(const Zygote& zygote) {
  const auto found =
      std::ranges::find(zygotes_, &zygote, [](const auto& each) { return each.get(); });
  std::unique_ptr<Zygote> removed = std::move(*found);
  zygotes_.erase(found);
  if (current_ == &zygote) current_ = nullptr;
  return removed;
}

void ForkedSlots::boot_failed(Zygote& zygote, const event::Failure& failure) {
  if (is_ending()) return;
  if (&zygote == current_) {
    // It cannot fork, and another one could not either.
    const bool has_served = std::ranges::any_of(
        places_, [](const Place& place) { return place.seat->side().read().event != 0; });
    end(report_boot(around_.make_api, failure, !has_served));
  } else if (current_ != nullptr) {
    base::log_error("supervisor: refresh zygote: " + failure.type + ": " + failure.message +
                    "; keeping the old one");
  } else {
    end(report_boot(around_.make_api, failure, !has_booted_));
  }
  // It ends by itself, and is not to be reported again.
  zygote.has_booted();
}

void ForkedSlots::on_zygote_end(Zygote& zygote, ExitStatus status) {
  const bool was_booted = zygote.booted();
  const bool was_current = current_ == &zygote;
  const bool boots_again = !was_booted && has_booted_ && current_ == nullptr && !zygote.is_late() &&
                           status.kind == ExitStatus::Kind::kSignalled &&
                           ++killed_boots_ < kMostKilledBoots;
  if (!was_booted && !boots_again) {
    boot_failed(zygote, zygote.is_late()
                            ? slot::boot_timed_out(around_.config.settings.boot_timeout)
                            : slot::boot_ended(status));
  }
  const std::unique_ptr<Zygote> removed = remove(zygote);
  on_zygote_lost(*removed);
  if (is_ending()) return look_for_end();
  if (was_current || boots_again) {
    base::log_warn("supervisor: zygote of generation " + std::to_string(removed->generation()) +
                   " is gone: " + status.describe() + "; booting another one");
    refresh();
  }
}

// Its children live on, also those that wait for their turn: they may get it, and an event, at any
// moment.
void ForkedSlots::on_zygote_lost(const Zygote& zygote) {
  std::vector<Place*> lost;
  for (Place& place : places_) {
    if (place.zygote != &zygote) continue;
    place.zygote = nullptr;
    if (!adopt(place)) lost.push_back(&place);
  }
  KnownChildren::of_this_process().end_strays();
  for (Place* place : lost) end_adopted(*place, std::nullopt);
}

bool ForkedSlots::adopt(Place& place) {
  const pid_t orphan = place.seat->side().orphan();
  siginfo_t info{};
  // The pid is the worker's word, and PHP code may have changed it: it counts only for a child.
  const bool is_child = orphan > 0 && ::waitid(P_PID, static_cast<id_t>(orphan), &info,
                                               WEXITED | WNOHANG | WNOWAIT) == 0;
  if (!is_child) return false;
  auto& known = KnownChildren::of_this_process();
  known.add(known.lock(), orphan);
  place.adopted_pidfd = base::open_pidfd(orphan);
  if (!place.adopted_pidfd.valid()) {
    // Without one nobody would notice its end. It is a stray from here on.
    base::log_error(base::system_error("supervisor: open pidfd of a worker", errno).text);
    known.remove(orphan);
    process::kill_group(orphan);
    return false;
  }
  place.adopted = orphan;
  place.adopted_watch = around_.loop.on_readable(place.adopted_pidfd.get(),
                                                 [this, &place] { on_adopted_end(place); });
  if (is_ending()) stop_adopted(place);
  return true;
}

// As long as it has not been reaped, no other process or group can have its number.
void ForkedSlots::signal_adopted(const Place& place, int number) {
  if (number == SIGKILL) return process::kill_group(place.adopted);
  ::kill(place.adopted, number);
}

void ForkedSlots::stop_adopted(const Place& place) {
  // A worker that has no turn has no event either.
  signal_adopted(place, place.seat->side().read().has_turn ? slot::kStopSignal : SIGKILL);
}

void ForkedSlots::on_adopted_end(Place& place) {
  place.adopted_watch.reset();
  const pid_t pid = std::exchange(place.adopted, 0);
  ::kill(-pid, SIGKILL);
  int wait_status = 0;
  ::waitpid(pid, &wait_status, 0);
  KnownChildren::of_this_process().remove(pid);
  KnownChildren::of_this_process().end_strays();
  place.adopted_pidfd.reset();
  end_adopted(place, ExitStatus::from_wait_status(wait_status));
  look_for_end();
}

// Outside of its turn it owes nothing. Within, it may have left half an exchange on the connection
// that it shared with the other seat's worker, and no zygote ends that. The other has no event.
void ForkedSlots::end_adopted(Place& place, const std::optional<ExitStatus>& status) {
  if (place.seat->side().read().has_turn) {
    const Place& other = other_of(place);
    if ((!status || !status->clean()) && other.adopted != 0) signal_adopted(other, SIGKILL);
    return end_worker(place, status);
  }
  place.seat->side().end_turn();
  give(place);
}

bool ForkedSlots::has_processes() const {
  return !zygotes_.empty() ||
         std::ranges::any_of(places_, [](const Place& place) { return place.adopted != 0; });
}

}  // namespace phork::supervisor
