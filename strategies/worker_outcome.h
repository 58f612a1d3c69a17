// SPDX-License-Identifier: MIT
//
// What an event's answer is when its worker gave none, and how long a worker is waited for. Shared
// by the strategies that speak frames.
#pragma once

#include <optional>
#include <string>

#include "runtime/base/invocation.h"
#include "runtime/base/poll.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// When PHP has to have answered: the event's deadline less the margin, as a time of the steady
// clock. The deadline is wall-clock time, which jumps when a frozen environment thaws, so it is
// converted when the event begins and not before.
base::Deadline event_deadline(const base::Invocation& invocation, const Settings& settings);

base::Failure timeout_failure(const base::Invocation& invocation);

// `status` is empty when the worker's end could not be learned; then `error` says what was seen.
base::Failure death_failure(const std::optional<process::ExitStatus>& status,
                            const base::Error& error);

// The failure in a boot message (Ready or BootFailed); empty when it is Ready.
std::optional<base::Failure> read_boot_message(const std::string& bytes);

}  // namespace phork::strategies
