// SPDX-License-Identifier: MIT
#include "supervisor/seat.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <variant>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/lambda/answering.h"
#include "runtime/lambda/cut_stream.h"
#include "runtime/slot/lost_event.h"

namespace phork::supervisor {
namespace {

using slot::Duty;
using slot::Happening;
using slot::Record;
using std::chrono::steady_clock;

// A caller who reads slowly keeps the loop for so long.
constexpr std::chrono::seconds kStreamEndTime{1};

std::optional<http::EventShape> shape_of(const Record& record) {
  if (!record.shape || *record.shape >= http::kEventShapes) return std::nullopt;
  return static_cast<http::EventShape>(*record.shape);
}

bool said_that_api_is_gone(const std::optional<process::ExitStatus>& status) {
  return status && status->kind == process::ExitStatus::Kind::kExited &&
         status->code == base::kSystemFailed;
}

// Under exec a worker may still boot at its soft deadline, and has no handler yet.
bool was_interrupted(const std::optional<process::ExitStatus>& status) {
  return status && status->kind == process::ExitStatus::Kind::kSignalled &&
         status->code == slot::kInterruptSignal;
}

// A signal that code brings upon itself.
bool crashed(const std::optional<process::ExitStatus>& status) {
  constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
  return status && status->kind == process::ExitStatus::Kind::kSignalled &&
         std::ranges::find(kSignals, status->code) != kSignals.end();
}

}  // namespace

void BilledEvent::end(const Config& config) {
  if (!cost_) return;
  const auto billed =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - taken_);
  config.metrics.write({cost_->request_id, config.strategy->name, cost_->latency, billed,
                        cost_->minor_faults, cost_->php_us, cost_->generation, cost_->ready_us,
                        config.refill()});
  cost_.reset();
}

Seat::Seat(const Surroundings& surroundings, SeatOwner& owner, Seat* first)
    : around_(surroundings),
      owner_(owner),
      side_(first == nullptr ? nullptr : &first->side_),
      output_(
          surroundings.loop, [this] { return tag(); }, [this](bool does) { side_.reads(does); }),
      timer_watch_(surroundings.loop.on_readable(side_.timer(), [this] { on_timer(); })),
      report_watch_(surroundings.loop.on_readable(side_.reports(), [this] { on_report(); })) {}

void Seat::begin_worker() {
  told_.reset();
  late_.reset();
  is_restoring_ = false;
  side_.begin_worker(steady_clock::now() + around_.config.settings.boot_timeout);
}

void Seat::restore_worker() {
  is_restoring_ = true;
  side_.restored(steady_clock::now() + kRestoreTimeout);
}

// A worker arms the timer for the soft deadline of its event. One that ends with its event does not
// disarm it, so it may also speak of an event that is over.
void Seat::on_timer() {
  side_.silence_timer();
  const Record record = side_.read();
  if (record.stage != slot::Stage::kBooting && !(record.has_event() && record.has_turn)) {
    return owner_.is_over(*this);
  }
  if (record.read >= record.hard) {
    const Duty duty = slot::duty(record.stage, Happening::kHardDeadline);
    if (duty != Duty::kNone) late_ = {record.event, record.stage == slot::Stage::kBooting};
    return act(duty, record);
  }
  if (!record.has_event()) return;
  const bool is_soft = record.read >= record.soft;
  if (is_soft) act(slot::duty(record.stage, Happening::kSoftDeadline), record);
  slot::arm_timer(side_.timer(), is_soft ? record.hard : record.soft);
  // The worker may have armed it for another event meanwhile.
  const Record after = side_.read();
  if (after.has_event() && after.event != record.event) {
    slot::arm_timer(side_.timer(), after.soft);
  }
}

void Seat::on_report() {
  while (auto message = side_.receive_report()) {
    // Lines that were printed before the report come before it in the log, too.
    output_.catch_up();
    auto report = slot::decode_report(message->bytes);
    if (!report) continue;  // PHP code has written to the socket
    if (const auto* line = std::get_if<slot::LogReport>(&report.value())) {
      log(*line);
    } else if (auto* cost = std::get_if<slot::CostReport>(&report.value())) {
      owner_.has_cost(*this, {std::move(*cost), side_.read().taken});
    } else if (auto* boot = std::get_if<slot::BootReport>(&report.value())) {
      told_ = std::move(boot->failure);
    } else if (std::holds_alternative<slot::ReadyReport>(report.value())) {
      boots_event_ = false;
      owner_.became_ready(*this);
    } else if (std::holds_alternative<slot::StreamReport>(report.value())) {
      if (!message->descriptors.empty()) stream_socket_ = std::move(message->descriptors.front());
    } else {
      const Record record = side_.read();
      act(slot::duty(record.stage, Happening::kTurnReport), record);
    }
  }
}

void Seat::act(Duty duty, const Record& seen) {
  switch (duty) {
    case Duty::kInterrupt:
      return owner_.signal(*this, slot::kInterruptSignal, seen);
    case Duty::kKill:
    case Duty::kKillUnanswered:
      return owner_.signal(*this, SIGKILL, seen);
    case Duty::kAwaitRestore:
      return owner_.awaits_restore(*this);
    case Duty::kSettle:
      output_.drain();
      return owner_.settled(*this);
    case Duty::kGoOn:
      owner_.asks(*this);
      return side_.resume(slot::Stage::kAnnouncing);
    default:
      return;
  }
}

Seat::End Seat::worker_ended(const std::optional<process::ExitStatus>& status) {
  on_report();
  output_.drain();
  const Record record = side_.read();
  End end{.had_event = record.event != last_event_};
  last_event_ = record.event;
  switch (slot::duty(record.stage, Happening::kWorkerEnded)) {
    case Duty::kReportBoot:
      end.kind = End::Kind::kBootFailed;
      end.failure = boot_failure(status);
      break;
    case Duty::kAnswer:
      if (!answer_lost(record, status)) end.kind = End::Kind::kApiGone;
      break;
    default:
      if (record.stage == slot::Stage::kWaiting && said_that_api_is_gone(status)) {
        end.kind = End::Kind::kApiGone;
      }
      if (record.stage == slot::Stage::kAnswered && crashed(status)) {
        base::log_warn(slot::death_failure(status).message +
                       " after its answer, and what it still had to do is lost; request_id=" +
                       record.invocation.request_id);
      }
      break;
  }
  late_.reset();
  slot::disarm_timer(side_.timer());
  return end;
}

event::Failure Seat::boot_failure(const std::optional<process::ExitStatus>& status) {
  if (told_) return std::move(*std::exchange(told_, std::nullopt));
  if (was_late(side_.read())) {
    return is_restoring_ ? slot::restore_timed_out(kRestoreTimeout)
                         : slot::boot_timed_out(around_.config.settings.boot_timeout);
  }
  return slot::boot_ended(status);
}

bool Seat::was_late(const Record& record) const {
  return late_ && late_->event == record.event &&
         late_->boots == (record.stage == slot::Stage::kBooting);
}

// The API refuses a second answer, if the first one had arrived after all.
bool Seat::answer_lost(const Record& record, const std::optional<process::ExitStatus>& status) {
  // In a stream it is too late for a response of its own.
  const auto shape = record.streams ? std::nullopt : shape_of(record);
  event::Outcome outcome = was_late(record) || was_interrupted(status)
                               ? slot::timed_out(record.invocation, shape)
                           : boots_event_ ? event::Outcome(boot_failure(status))
                                          : event::Outcome(slot::death_failure(status));
  if (record.streams && end_stream(record, outcome)) return true;
  const auto posted = lambda::answer(*around_.make_api(), record.invocation, std::move(outcome));
  if (!posted) base::log_error(posted.error().text);
  return posted.ok();
}

// The API would refuse all that follows a stream without an end.
bool Seat::end_stream(const Record& record, const event::Outcome& outcome) {
  const auto* failure = std::get_if<event::Failure>(&outcome);
  if (failure == nullptr || !stream_socket_.valid()) return false;
  const auto posted = lambda::finish_cut_stream(std::move(stream_socket_), record.stream, *failure,
                                                steady_clock::now() + kStreamEndTime);
  if (!posted) return false;
  event::log_failure("event failed", *failure, &record.invocation);
  lambda::log_refusal(posted.value(), "end of a streamed answer", record.invocation);
  return true;
}

void Seat::log(const slot::LogReport& report) {
  base::log({.level = report.level,
             .request_id = report.request_id,
             .tenant_id = report.tenant_id,
             .text = report.text,
             .failure = report.failure ? &*report.failure : nullptr});
}

LineTag Seat::tag() const {
  const Record record = side_.read();
  if (!record.has_event()) return {};
  return {record.invocation.request_id, record.invocation.tenant_id};
}

}  // namespace phork::supervisor
