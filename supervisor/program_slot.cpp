// SPDX-License-Identifier: MIT
#include "supervisor/program_slot.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <sys/mman.h>
#include <utility>

#include "runtime/base/exit_code.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/lambda/answering.h"
#include "runtime/process/inheritance.h"
#include "runtime/process/known_children.h"
#include "runtime/process/stopped.h"
#include "runtime/slot/worker_side.h"

namespace phork::supervisor {
namespace {

using Kind = strategies::Workers;

std::size_t seats_of(const Config& config) {
  if (config.strategy->workers != Kind::kPrespawned) return 1;
  // With `during`, the worker of the event does not count as a spare.
  return config.settings.spares + (config.settings.refill == base::Refill::kDuring ? 1 : 0);
}

}  // namespace

ProgramSlot::ProgramSlot(const Surroundings& surroundings, unsigned index, Callbacks callbacks)
    : Workers(surroundings, std::move(callbacks)),
      kind_(surroundings.config.strategy->workers),
      index_(index),
      members_(seats_of(surroundings.config)) {
  for (Member& member : members_) {
    member.seat = std::make_unique<Seat>(around_, *this);
  }
}

ProgramSlot::~ProgramSlot() {
  billed_.end(around_.config);
}

void ProgramSlot::start() {
  if (kind_ != Kind::kGiven) return go_on();
  // Its workers boot inside their events.
  if (phase() == Phase::kBooting) return all_booted();
  begin_serving();
}

void ProgramSlot::begin_restore() {
  if (kind_ == Kind::kGiven) return all_restored();
  for (Member& member : members_) {
    if (member.awaits_restore) member.seat->restore_worker();
  }
}

void ProgramSlot::begin_serving() {
  if (kind_ == Kind::kGiven) {
    api_ = std::make_unique<lambda::HttpRuntimeApi>(around_.config.environment.runtime_api);
    api_->connection().reopen();  // as in main()
    ask();
  } else {
    has_booted_ = has_booted_ || around_.config.awaits_restore;
    go_on();
  }
}

void ProgramSlot::wind_down() {
  reply_watch_.reset();
  for (Member& member : members_) {
    if (!member.process) continue;
    // Under exec a worker has an event, and ends after it. It takes the signal once it is ready.
    if (kind_ == Kind::kGiven && !member.is_ready) continue;
    // A worker that has no turn has no event either.
    const bool has_event = kind_ == Kind::kGiven || &member == holder_;
    member.process->signal(has_event ? slot::kStopSignal : SIGKILL);
  }
}

bool ProgramSlot::has_processes() const {
  return std::ranges::any_of(members_, [](const Member& m) { return m.process != nullptr; });
}

void ProgramSlot::look_for_stopped() {
  for (const Member& member : members_) {
    if (!member.process || member.seat->side().read().runs_code()) continue;
    if (process::continue_if_stopped(member.process->pid())) {
      base::log_warn("supervisor: a worker was stopped, and goes on");
    }
  }
}

void ProgramSlot::signal(Seat& seat, int number, const slot::Record& /*seen*/) {
  Member& member = member_of(seat);
  if (!member.process) return;
  if (number == SIGKILL) {
    member.process->kill();
  } else {
    member.process->signal(number);
  }
}

void ProgramSlot::settled(Seat& seat) {
  seat.side().resume(slot::Stage::kHandedOver);
}

void ProgramSlot::awaits_restore(Seat& seat) {
  Member& member = member_of(seat);
  if (std::exchange(member.awaits_restore, true)) return;
  if (phase() != Phase::kBooting) return seat.restore_worker();
  if (std::ranges::all_of(members_, &Member::awaits_restore)) all_booted();
}

void ProgramSlot::became_ready(Seat& seat) {
  Member& member = member_of(seat);
  // PHP code may say so, too, when the worker has long been ready.
  if (std::exchange(member.is_ready, true)) return;
  if (phase() == Phase::kRestoring) {
    if (std::ranges::all_of(members_, &Member::is_ready)) all_restored();
    return;
  }
  has_booted_ = true;
  if (kind_ == Kind::kGiven) return;
  go_on();
}

ProgramSlot::Member& ProgramSlot::member_of(const Seat& seat) {
  return *std::ranges::find(members_, &seat, [](const Member& m) { return m.seat.get(); });
}

bool ProgramSlot::start_members() {
  for (Member& member : members_) {
    if (member.process) continue;
    if (const auto started = start_member(member); !started) {
      try_again(started.error(), [this] { go_on(); });
      return false;
    }
    has_started();
  }
  return true;
}

void ProgramSlot::go_on() {
  if (is_ending() || !start_members()) return;
  if (holder_ != nullptr || phase() != Phase::kServing) return;
  const bool all_ready = std::ranges::all_of(members_, &Member::is_ready);
  const bool waits = kind_ == Kind::kPrespawned &&
                     (!has_booted_ || around_.config.settings.refill == base::Refill::kBefore);
  if (waits && !all_ready) return;
  holder_ = &*std::ranges::min_element(members_, {}, &Member::number);
  holder_->seat->side().give_turn();
}

std::vector<std::string> ProgramSlot::arguments() const {
  switch (kind_) {
    case Kind::kGiven:
      return {"php-worker", "--given"};
    case Kind::kPrespawned:
      return {"php-worker", "--next"};
    default:
      return {"php-worker", "--inprocess"};
  }
}

base::Status ProgramSlot::start_member(Member& member) {
  if (kind_ != Kind::kGiven) member.seat->begin_worker();
  member.awaits_restore = false;
  member.is_ready = false;
  member.number = ++started_;
  process::SpawnOptions options;
  options.program = around_.config.settings.worker_path;
  options.arguments = arguments();
  options.environment = process::current_environment();
  std::vector<base::Fd> theirs;
  auto output = member.seat->open_output(theirs);
  if (!output) return std::move(output).error();
  options.descriptors = member.seat->side().descriptors(slot::kFirstDescriptor);
  options.descriptors.insert(options.descriptors.end(), output->begin(), output->end());
  if (reply_.valid()) {
    options.descriptors.push_back(
        {reply_.get(), slot::kFirstDescriptor + slot::kProgramDescriptors});
  }
  auto process = process::Process::spawn(options);
  if (!process) return std::move(process).error();
  member.process = std::move(process).value();
  // It is no subreaper: it would keep every orphan of its events as a zombie.
  if (kind_ == Kind::kLooping) process::set_owner(member.process->pid(), index_);
  member.end_watch =
      around_.loop.on_readable(member.process->pidfd(), [this, &member] { on_end(member); });
  return base::ok_status();
}

void ProgramSlot::on_end(Member& member) {
  member.end_watch.reset();
  const process::ExitStatus status = *member.process->wait();
  member.process.reset();
  // Background programs that left the worker's group.
  process::KnownChildren::of_this_process().end_strays_of(index_);
  const Seat::End ended = member.seat->worker_ended(status);
  if (holder_ == &member) holder_ = nullptr;
  if (is_ending()) return look_for_end();
  if (!may_go_on(ended, status, fruitless_)) return;
  if (kind_ == Kind::kGiven) {
    ask();
  } else {
    go_on();
  }
}

void ProgramSlot::ask() {
  reply_watch_.reset();
  billed_.end(around_.config);
  // Before an event is taken that no worker could be started for.
  if (const auto ready = process::ready_to_pass_on(); !ready) return fail(ready.error());
  if (const auto asked = api_->ask_next(); !asked) return fail(asked.error());
  reply_watch_ = around_.loop.on_readable(api_->connection().socket(), [this] { on_reply(); });
}

void ProgramSlot::on_reply() {
  reply_watch_.reset();
  auto invocation = api_->take_next();
  if (!invocation) return fail(invocation.error());
  if (!invocation.value()) return ask();
  holder_ = &members_.front();
  auto given = give(*holder_, *invocation.value());
  if (given) given = start_member(*holder_);
  reply_.reset();
  if (!given) refuse(*invocation.value(), given.error());
}

void ProgramSlot::refuse(const event::Invocation& invocation, const base::Error& error) {
  holder_ = nullptr;
  const auto posted =
      lambda::answer(*api_, invocation, event::Failure{"Runtime.WorkerNotStarted", error.text, {}});
  if (!posted) return fail(posted.error());
  if (error.kind == base::ErrorKind::kRefused) return fail(error);
  ask();
}

void ProgramSlot::fail(const base::Error& error) {
  if (!has_booted_) return Workers::fail({"Runtime.BootFailed", error.text, {}});
  base::log_error(error.text);
  end(base::kSystemFailed);
}

base::Status ProgramSlot::give(Member& member, const event::Invocation& invocation) {
  reply_ = base::Fd(::memfd_create("phork-event", MFD_CLOEXEC));
  if (!reply_.valid()) return base::system_error("supervisor: keep an event", errno);
  std::array<iovec, 1> bytes{base::as_iovec(api_->raw_next())};
  if (auto written = base::write_all(reply_.get(), bytes); !written) return written;
  member.seat->begin_given();
  member.seat->side().give_turn();
  member.seat->side().give(
      invocation, event::deadlines_of(invocation, around_.config.settings.deadline_margin));
  return base::ok_status();
}

}  // namespace phork::supervisor
