// SPDX-License-Identifier: MIT
//
// A real `bootstrap` on an API that notes all that a runtime must not do. Its events have ids, and
// are answered with them.
#pragma once

#include <map>
#include <string>

#include "tests/support/runtime_harness.h"
#include "tests/support/strict_api.h"

namespace phork::conformance {

class StrictLambda {
 public:
  explicit StrictLambda(const std::string& strategy,
                        std::map<std::string, std::string> variables = {});

  testing::StrictApi& api() { return api_; }

  pid_t pid() const { return bootstrap_.pid(); }

  process::ExitStatus wait_exit() { return bootstrap_.wait_exit(); }

  // All that has been printed.
  std::string output() const { return bootstrap_.output(); }

  // The id of a new event. With `prints`, its code prints a line. With an empty `deadline_ms`, it
  // has a minute.
  std::string give_event(bool prints = false, const std::string& deadline_ms = "");
  // The same for another payload.
  std::string give(const std::string& payload, const std::string& deadline_ms = "");

  // Fails the test when the event did not get its own answer.
  void check_answer(const std::string& id);
  // Fails the test when it did not get this error; `text` is a part of its message.
  void check_error(const std::string& id, const std::string& type, const std::string& text);

  // Waits for a `next`. Fails the test when the runtime did something that it must not.
  void wait_idle();

  void serve_normally();

 private:
  unsigned events_ = 0;
  testing::StrictApi api_;  // outlives the process
  testing::Program bootstrap_;
};

}  // namespace phork::conformance
