// SPDX-License-Identifier: MIT
//
// The steps of an environment that the threads of its Runtime API report.
#include "emulator/environments/environment.h"

namespace phork::emulator {

void Environment::extensions_changed() {
  api_.extensions_changed();
  wake_monitor();
}

void Environment::init_done() {
  idle_since_ = Clock::now();
  const InitPhase phase = init_.view().phase;
  journal_.init_done(phase, init_.complete());
  extensions_.init_over();
  sandbox_.asked();
  wake_monitor();
}

void Environment::awaits_restore() {
  const InitPhase phase = init_.view().phase;
  journal_.snapshot_made(phase, init_.pause());
  extensions_.init_over();
  awaits_restore_ = true;
  wake_monitor();
}

void Environment::init_failed(const std::string& body) {
  init_.fail(body);
  wake_monitor();
}

void Environment::handed_out(const std::string& request_id) {
  sandbox_.handed_out();
  journal_.handed_out(request_id);
  enter_up();
}

void Environment::parked() {
  if (context_.config.slots == 0)
    sandbox_.parked([this] { journal_.set_state(EnvironmentState::kFrozen); });
  enter_up();
  if (api_.retiring()) wake_monitor();
}

void Environment::fault_due(const Fault& fault) {
  process_fault_.inject(fault);
  wake_monitor();  // the event may have got less time
}

// Called only after the process has taken an event or found none: Fleet::scale() compares the
// number of starting environments with that of waiting events, and both must go down together.
void Environment::enter_up() {
  State expected = State::kStarting;
  if (state_.compare_exchange_strong(expected, State::kUp)) changed_();
}

void Environment::answered() {
  finishing_ = true;
}

void Environment::finished(const EventRecord& record) {
  finishing_ = false;
  sandbox_.asked();
  if (const auto peak = sandbox_.peak_memory_kb()) journal_.set_peak_memory(*peak);
  const StartTimes start = init_.take_times();
  if (record.ending == Ending::kExited) {
    EventRecord exited = record;
    {
      const std::lock_guard lock(mutex_);
      exited.failure = end_message_;
    }
    journal_.finished(exited, start);
  } else {
    journal_.finished(record, start);
  }
  idle_since_ = Clock::now();
  ++served_;
}

}  // namespace phork::emulator
