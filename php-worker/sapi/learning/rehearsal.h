// SPDX-License-Identifier: MIT
//
// Serves the events that PHORK_WARMUP names before the first real one, so that autoloading, the
// container, routes and templates are warm in every process that is forked afterwards. A rehearsal
// carries no user's data, so nothing can leak from what it leaves behind. A script is rehearsed in
// a copy of the process: that warms opcache, and the copy hands over what is safe
// (class_learning.h). The sealed zygote then has its copies play the same list (practice.h).
//
// PHORK_WARMUP is a list separated by `;` or new lines. `GET /path?query` is an HTTP request; every
// other item is a JSON file with an event, relative to LAMBDA_TASK_ROOT.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"
#include "runtime/base/io.h"

namespace phork::sapi {

// The type of a failure that a wrong PHORK_WARMUP is the reason for.
inline constexpr const char* kInvalidWarmup = "Runtime.InvalidWarmup";

struct RehearsalPlan {
  std::string list;                  // the text of PHORK_WARMUP
  std::chrono::milliseconds budget;  // for all of it; 0: no limit
  bool forks_follow = false;         // the process is a zygote
};

struct Rehearsed {
  // A rehearsal that cannot be read, or that ends PHP with a fatal error, is a failure: nothing can
  // be forked from the state that it leaves. A rehearsal that throws is only logged, because the
  // application may depend on that.
  std::optional<event::Failure> failure;
  // The budget ended while the application's code ran in this process and left its state half done:
  // boot again. A warning names what was not rehearsed.
  bool broken_off = false;
};

// The end of the budget that the last rehearse() of this process began; kNoDeadline when there was
// nothing to rehearse, or no limit.
base::Deadline rehearsal_end();

Rehearsed rehearse(Application& application, const EntryPoint& entry, const RehearsalPlan& plan);

}  // namespace phork::sapi
