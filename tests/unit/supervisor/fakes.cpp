// SPDX-License-Identifier: MIT
#include "tests/unit/supervisor/fakes.h"

#include <chrono>
#include <utility>

namespace phork::supervisor::testing {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using lambda::Posted;

class FakeApi final : public lambda::RuntimeApi {
 public:
  FakeApi(Script& script, unsigned slot) : script_(script), slot_(slot) {}

  Result<event::Invocation> next() override {
    script_.note("next");
    auto event = script_.take(slot_);
    if (!event) return Error{ErrorKind::kStopped, "test: stopped"};
    return std::move(*event);
  }

  Result<Posted> respond(const event::Invocation& invocation,
                         const event::Answer& answer) override {
    script_.note("post " + invocation.request_id + ' ' + answer.body);
    return script_.posted;
  }

  Result<Posted> fail(const event::Invocation& invocation, const event::Failure& failure) override {
    script_.note("fail " + invocation.request_id + ' ' + failure.type);
    return script_.posted;
  }

  base::Status begin_stream(const event::Invocation& invocation,
                            const std::string& content_type) override {
    script_.note("begin " + invocation.request_id + ' ' + content_type);
    return script_.begun;
  }

  base::Status write_stream(std::string_view bytes, base::Deadline /*deadline*/) override {
    script_.note("write " + std::string(bytes));
    return script_.written;
  }

  Result<Posted> end_stream(const event::Failure* failure) override {
    script_.note(failure == nullptr ? "end" : "end " + failure->type);
    return script_.posted;
  }

  Result<Posted> fail_init(const event::Failure& failure) override {
    script_.note("fail init " + failure.type);
    return script_.posted;
  }

  Result<Posted> fail_restore(const event::Failure& failure) override {
    script_.note("fail restore " + failure.type);
    return script_.posted;
  }

  void interrupt() override { script_.interrupt(slot_); }

 private:
  Script& script_;
  unsigned slot_;
};

class FakeSlot final : public strategies::Slot {
 public:
  explicit FakeSlot(Script& script) : script_(script) {}

  ~FakeSlot() override { script_.note("close"); }

  strategies::Served serve(const event::Invocation& invocation) override {
    script_.note("serve " + invocation.request_id);
    return {script_.serve(invocation), {17, 256, 3, 640}};
  }

  base::Status replace_worker(base::Deadline /*deadline*/) override {
    script_.note("replace");
    return script_.renewed;
  }

  base::Status renew() override {
    script_.note("renew");
    script_.on_renew();
    return script_.renewed;
  }

 private:
  Script& script_;
};

class FakeStrategy final : public strategies::Strategy {
 public:
  explicit FakeStrategy(Script& script) : script_(script) {}

  std::optional<event::Failure> boot() override {
    script_.note("boot");
    return script_.boot_failure;
  }

  Result<std::unique_ptr<strategies::Slot>> open_slot(unsigned index) override {
    script_.note("open " + std::to_string(index));
    if (!script_.opened) return script_.opened.error();
    return std::unique_ptr<strategies::Slot>(std::make_unique<FakeSlot>(script_));
  }

  void look_for_stopped() override {}

  void shut_down() override { script_.note("shut down"); }

 private:
  Script& script_;
};

}  // namespace

event::Invocation event_named(const std::string& request_id) {
  event::Invocation event;
  event.request_id = request_id;
  event.event = "{}";
  return event;
}

void Script::note(std::string_view what) {
  const std::lock_guard lock(mutex_);
  notes_.emplace_back(what);
}

std::vector<std::string> Script::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::vector<std::string> Script::notes_with(std::string_view part) const {
  std::vector<std::string> found = notes();
  std::erase_if(found,
                [part](const std::string& note) { return note.find(part) == std::string::npos; });
  return found;
}

void Script::hand_out(unsigned slot, Result<event::Invocation> event) {
  const std::lock_guard lock(mutex_);
  events_[slot].push_back(std::move(event));
}

std::optional<Result<event::Invocation>> Script::take(unsigned slot) {
  std::unique_lock lock(mutex_);
  auto& events = events_[slot];
  changed_.wait(lock, [&] { return interrupted_.contains(slot) || !events.empty(); });
  if (interrupted_.contains(slot)) return std::nullopt;
  auto event = std::move(events.front());
  events.pop_front();
  return event;
}

void Script::interrupt(unsigned slot) {
  const std::lock_guard lock(mutex_);
  interrupted_.insert(slot);
  changed_.notify_all();
}

bool Script::wait_interrupted(unsigned slot) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10),
                           [&] { return interrupted_.contains(slot); });
}

std::unique_ptr<lambda::RuntimeApi> make_fake_api(Script& script, unsigned slot) {
  return std::make_unique<FakeApi>(script, slot);
}

std::unique_ptr<strategies::Strategy> make_fake_strategy(Script& script) {
  return std::make_unique<FakeStrategy>(script);
}

}  // namespace phork::supervisor::testing
