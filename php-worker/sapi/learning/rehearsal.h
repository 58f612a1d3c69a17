// SPDX-License-Identifier: MIT
//
// Serves the events that PHORK_WARMUP names before the first real one, so that autoloading, the
// container, routes and templates are warm in every process forked afterwards. A rehearsal carries
// no user's data: what it leaves behind cannot leak from it. A script is rehearsed in a copy of the
// process, which warms opcache, and hands over what is safe (class_learning.h).
//
// PHORK_WARMUP is a list separated by `;` or new lines. `GET /path?query` is an HTTP request; all
// else is a JSON file relative to LAMBDA_TASK_ROOT that holds an event.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/site.h"

namespace phork::sapi {

struct RehearsalPlan {
  std::string list;                  // as PHORK_WARMUP has it
  std::chrono::milliseconds budget;  // for all of it; 0: no limit
  bool forks_follow = false;         // the process is a zygote
};

struct Rehearsed {
  // A rehearsal that cannot be read or that ends PHP with a fatal error: the state it leaves is
  // nothing to fork from. One that throws is logged, as the application may need it so.
  std::optional<event::Failure> failure;
  // The budget ended within code of the application's in this process, which left it as it was
  // then: boot again. What was not rehearsed is named in a warning.
  bool broken_off = false;
};

Rehearsed rehearse(Application& application, const Site& site, const RehearsalPlan& plan);

}  // namespace phork::sapi
