// SPDX-License-Identifier: MIT
//
// Failures of workers in words: how a process ended without an answer, and what a zygote says about
// its boot.
#pragma once

#include <optional>
#include <string>

#include "runtime/event/invocation.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

// `status` is empty when the worker's end could not be learned.
event::Failure death_failure(const std::optional<process::ExitStatus>& status);

// The failure in a boot message (Ready or BootFailed); empty when it is Ready.
std::optional<event::Failure> read_boot_message(const std::string& bytes);

}  // namespace phork::strategies
