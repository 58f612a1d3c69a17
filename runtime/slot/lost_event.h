// SPDX-License-Identifier: MIT
//
// The outcome of an event whose worker gives no answer. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "runtime/event/invocation.h"
#include "runtime/http/message.h"
#include "runtime/process/spawn.h"

namespace phork::slot {

// The event had no answer before its deadline: 504 for HTTP, else a failure.
event::Outcome timed_out(const event::Invocation& invocation,
                         const std::optional<http::EventShape>& shape);

event::Failure boot_timed_out(std::chrono::seconds limit);

// A worker was not ready again after the restore of a snapshot.
event::Failure restore_timed_out(std::chrono::seconds limit);

// The process ended before the application had booted. Says so if /tmp cannot be written, which is
// why opcache then ends it.
event::Failure boot_ended(const std::optional<process::ExitStatus>& status);

// The worker ended without an answer. `status` is empty when its exit status cannot be learned.
event::Failure death_failure(const std::optional<process::ExitStatus>& status);

// The worker did something that makes it useless: "the PHP worker " and `deed`.
event::Failure worker_lost(const std::string& deed);

}  // namespace phork::slot
