// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/zygote.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/learning/class_learning.h"
#include "php-worker/sapi/memory/working_set.h"
#include "php-worker/sapi/memory/zygote_memory.h"
#include "php-worker/sapi/modes/boot.h"
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

  std::string arrange() const;
  void learn();

  const std::uint32_t number_;
  const AfterEvent after_event_;
  Seal seal_;
  std::optional<ClassLearning> lessons_;
  std::optional<Rollback> rollback_;
  std::optional<WorkingSet> working_set_;
};

std::optional<event::Failure> Generation::boot(char* executable) {
  if (auto failure = sapi::boot(booted(), executable, Warmup::kRehearsedToFork)) return failure;
  lessons_.emplace(ClassLearning::Teacher::kEvents, base::value_of(base::settings::kLearn));
  auto failure = seal_.close(booted().application, number_, [this] { return arrange(); });
  if (failure) return failure;
  if (after_event_ == AfterEvent::kRollBack) {
    auto prepared = Rollback::prepare();
    if (!prepared) return no_rollback(prepared.error());
    rollback_.emplace(std::move(prepared).value());
  }
  working_set_.emplace();
  return std::nullopt;
}

std::string Generation::arrange() const {
  // Under rollback a page is the child's own after its first event, wherever it lies, so keeping
  // events' memory apart saves nothing.
  return arrange_memory(after_event_ == AfterEvent::kEnd ? EventHeap::kApart : EventHeap::kMixed);
}

std::optional<Birth> Generation::fork_on_demand(std::vector<base::Fd> controls) {
  return sapi::fork_on_demand(std::move(controls), [this] { learn(); });
}

void Generation::learn() {
  if (lessons_->take_over() && !rollback_) {
    // Loading has filled the chunk that was kept for events, and has mapped memory.
    arrange_heap_again();
    working_set_->look_again();
  }
  working_set_->take_over();
}

void Generation::serve(Birth birth, wire::Ready ready) {
  Channel channel(std::move(birth.channel));
  if (rollback_) {
    // Returns again after each rollback, so every event starts from here.
    const auto marked = rollback_->mark();
    if (!marked) refuse_one_event(channel, ready, no_rollback(marked.error()));
  }
  // Before hooks run: classes that they load are lessons too.
  lessons_->watch();
  if (const auto failure = seal_.prepare_child(booted().application)) {
    refuse_one_event(channel, ready, *failure);
  }
  if (!rollback_) enter_memory();
  // Page faults are taken now, when no caller is waiting.
  working_set_->touch();
  // After a rollback the fork is long ago and says nothing about this event.
  ready.boot_us = rollback_ ? 0 : microseconds_since(birth.asked_for);
  const wire::Usage usage = serve_event(booted().application, channel, ready);
  working_set_->learn(usage.minor_faults);
  lessons_->report();
  // While the zygote learns, a new child knows more than this one, so do not reuse this one.
  if (rollback_ && !lessons_->active()) rollback_->run();
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
