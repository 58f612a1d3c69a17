// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/zygote.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/learning/practice.h"
#include "php-worker/sapi/memory/zygote_memory.h"
#include "php-worker/sapi/modes/boot.h"
#include "php-worker/sapi/modes/lessons.h"
#include "php-worker/sapi/modes/worker.h"
#include "php-worker/sapi/rollback/rollback.h"
#include "php-worker/sapi/zygote/seal.h"
#include "php-worker/sapi/zygote/zygote.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/variables.h"
#include "runtime/logging/log_writer.h"

namespace phork::sapi {
namespace {

// The supervisor reads the streams of the children, but not those of the zygote.
logging::LogOptions log_options() {
  const auto environment = lambda::read_variables();  // bootstrap has checked it
  if (!environment) return {};
  return {environment->log_format, environment->log_level, {}};
}

event::Failure no_rollback(const base::Error& error) {
  return {"Runtime.RollbackUnavailable", error.text, {}};
}

// One generation: a booted application, and what is known about forking it.
class Generation {
 public:
  Generation(std::uint32_t number, AfterEvent after_event)
      : number_(number),
        after_event_(after_event),
        seal_(base::value_of(base::settings::kFdPolicy)) {}

  std::optional<event::Failure> boot(char* executable);

  wire::Ready ready() const { return ready_message(booted().application, number_); }

  std::optional<Birth> fork_on_demand(std::vector<base::Fd> controls);
  // Runs in a child, and ends it.
  [[noreturn]] void serve(Birth birth, wire::Ready ready);

 private:
  // Lives until the process ends, as PHP does.
  static Booted& booted() {
    static Booted booted;
    return booted;
  }

  EventHeap event_heap() const;
  // In a child, before it says ready.
  std::optional<event::Failure> enter();

  const std::uint32_t number_;
  const AfterEvent after_event_;
  Seal seal_;
  std::optional<Lessons> lessons_;
  std::optional<Rollback> rollback_;
};

std::optional<event::Failure> Generation::boot(char* executable) {
  if (auto failure = sapi::boot(booted(), executable, Warmup::kRehearsedToFork)) return failure;
  lessons_.emplace(base::value_of(base::settings::kLearn), event_heap());
  auto failure =
      seal_.close(booted().application, number_, [this] { return arrange_memory(event_heap()); });
  if (failure) return failure;
  lessons_->begin();
  const bool practised = practise(
      booted().application, booted().entry,
      {[this] { return !enter(); }, [this](std::uint32_t faults) { lessons_->report(faults); },
       [this] { return lessons_->take_over_now(); }});
  if (practised) lessons_->settle();
  if (after_event_ == AfterEvent::kRollBack) {
    auto prepared = Rollback::prepare();
    if (!prepared) return no_rollback(prepared.error());
    rollback_.emplace(std::move(prepared).value());
  }
  return std::nullopt;
}

EventHeap Generation::event_heap() const {
  // Under rollback a page is the child's own after its first event, wherever it lies, so keeping
  // events' memory apart saves nothing.
  return after_event_ == AfterEvent::kEnd ? EventHeap::kApart : EventHeap::kMixed;
}

std::optional<Birth> Generation::fork_on_demand(std::vector<base::Fd> controls) {
  return sapi::fork_on_demand(std::move(controls), *lessons_);
}

std::optional<event::Failure> Generation::enter() {
  // Before hooks run: classes that they load are lessons too.
  lessons_->watch();
  if (auto failure = seal_.prepare_child(booted().application)) return failure;
  if (event_heap() == EventHeap::kApart) enter_memory();
  // Page faults are taken now, when no caller is waiting.
  lessons_->touch_pages();
  return std::nullopt;
}

void Generation::serve(Birth birth, wire::Ready ready) {
  Channel channel(std::move(birth.channel));
  if (rollback_) {
    // Returns again after each rollback, so every event starts from here.
    const auto marked = rollback_->mark();
    if (!marked) refuse_one_event(channel, ready, no_rollback(marked.error()));
  }
  if (const auto failure = enter()) refuse_one_event(channel, ready, *failure);
  // After a rollback the fork is long ago and says nothing about this event.
  ready.boot_us = rollback_ ? 0 : microseconds_since(birth.asked_for);
  const wire::Usage usage = serve_event(booted().application, channel, ready);
  lessons_->report(usage.minor_faults);
  if (rollback_ && !lessons_->outgrown()) rollback_->run();
  end_worker();
}

void report_failure(const base::Fd& control, const event::Failure& failure) {
  const auto frame =
      wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, shortened(failure)});
  const auto sent = send_control(control, frame);
  if (!sent) base::log_error(sent.error().text);
}

}  // namespace

int run_zygote(std::vector<base::Fd> controls, std::uint32_t generation, char* executable,
               AfterEvent after_event) {
  logging::LogWriter log(log_options());
  std::optional<base::InstalledLogSink> installed(log);
  std::optional<EventLog> boot_log(std::in_place);
  Generation zygote(generation, after_event);
  if (const auto failure = zygote.boot(executable)) {
    report_failure(controls.front(), *failure);
    return base::kFailed;
  }
  boot_log.reset();
  const wire::Ready ready = zygote.ready();
  for (const base::Fd& control : controls) {
    if (!send_control(control, wire::encode(ready))) return base::kSystemFailed;
  }
  auto birth = zygote.fork_on_demand(std::move(controls));
  if (!birth) return base::kOk;
  // This is a child: the supervisor reads its streams, so lines go there as they are.
  installed.reset();
  zygote.serve(std::move(*birth), ready);
}

}  // namespace phork::sapi
