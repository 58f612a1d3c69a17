// SPDX-License-Identifier: MIT
#include "supervisor/forked_slots.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/process/known_children.h"
#include "runtime/process/stopped.h"
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

ForkedSlots::ForkedSlots(const Surroundings& surroundings, Callbacks callbacks)
    : Workers(surroundings, std::move(callbacks)),
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

void ForkedSlots::begin_restore() {
  for (const auto& zygote : zygotes_) zygote->restore();
}

void ForkedSlots::begin_serving() {
  for (const auto& zygote : zygotes_) {
    if (zygote->restoring()) return on_booted(*zygote);
  }
}

void ForkedSlots::wind_down() {
  for (const auto& zygote : zygotes_) {
    if (zygote->booted() || zygote->waiting()) {
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
      return around_.config.awaits_restore ? on_snapshot(zygote) : on_booted(zygote);
    case Kind::kRestored:
      return on_restored(zygote);
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

void ForkedSlots::on_snapshot(Zygote& zygote) {
  zygote.waits();
  if (is_ending()) return zygote.send({.kind = Kind::kStop});
  if (phase() == Phase::kBooting) return all_booted();
  zygote.restore();
}

void ForkedSlots::on_restored(Zygote& zygote) {
  if (phase() == Phase::kRestoring) return all_restored();
  on_booted(zygote);
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
    fail(failure, !has_served);
  } else if (current_ != nullptr) {
    base::log_error("supervisor: refresh zygote: " + failure.type + ": " + failure.message +
                    "; keeping the old one");
  } else {
    fail(failure);
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
    boot_failed(zygote, zygote.boot_failure(status));
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

bool ForkedSlots::has_processes() const {
  return !zygotes_.empty() ||
         std::ranges::any_of(places_, [](const Place& place) { return place.adopted != 0; });
}

}  // namespace phork::supervisor
