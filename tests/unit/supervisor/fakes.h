// SPDX-License-Identifier: MIT
//
// A Runtime API and a strategy that follow a case's Script and note every call there. All fakes of
// a case share one Script, which outlives them; slots use it from their threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/lambda/runtime_api.h"
#include "strategies/strategy.h"

namespace phork::supervisor::testing {

event::Invocation event_named(const std::string& request_id);

class Script {
 public:
  // Notes in the order of the calls: "next", "serve r1", "post r1 body", "fail r1 type", ...
  void note(std::string_view what);
  std::vector<std::string> notes() const;
  // The notes that contain `part`; those of one slot are in order, whatever the other slots do.
  std::vector<std::string> notes_with(std::string_view part) const;

  // Queued for the API of a slot: handed out by next(), which waits for interrupt() after the last.
  void hand_out(unsigned slot, base::Result<event::Invocation> event);
  std::optional<base::Result<event::Invocation>> take(unsigned slot);

  void interrupt(unsigned slot);
  // True when slot `slot` was interrupted, within ten seconds.
  bool wait_interrupted(unsigned slot);

  // Set these before the run.
  std::optional<event::Failure> boot_failure;
  base::Result<lambda::Posted> posted =
      lambda::Posted{lambda::Posted::Verdict::kAccepted, 202, "", ""};
  base::Status begun = base::ok_status();
  base::Status written = base::ok_status();
  base::Status opened = base::ok_status();
  base::Status renewed = base::ok_status();
  std::function<event::Outcome(const event::Invocation&)> serve =
      [](const event::Invocation& event) { return event::Answer{"answer to " + event.request_id}; };
  std::function<void()> on_renew = [] {};

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
  std::map<unsigned, std::deque<base::Result<event::Invocation>>> events_;  // by slot
  std::set<unsigned> interrupted_;                                          // slots
};

std::unique_ptr<lambda::RuntimeApi> make_fake_api(Script& script, unsigned slot);
std::unique_ptr<strategies::Strategy> make_fake_strategy(Script& script);

}  // namespace phork::supervisor::testing
