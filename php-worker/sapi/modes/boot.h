// SPDX-License-Identifier: MIT
//
// From a process that has just started to an application that can serve: PHP started, the entry
// found, its kind told, its boot run, the rehearsal played. The same for every mode of php-worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/site.h"
#include "runtime/event/invocation.h"
#include "runtime/wire/messages.h"

namespace phork::sapi {

// Lives until the process ends, as PHP is never shut down.
struct Booted {
  Site site;
  Application application;
};

enum class Warmup : std::uint8_t {
  kSkipped,
  kRehearsed,
  kRehearsedToFork,  // and what copies of the process learned is kept
};

// `executable` is argv[0]. Once in a process; a value says why the application cannot serve.
std::optional<event::Failure> boot(Booted& booted, char* executable, Warmup warmup);

// Runs the application's boot in a request that was opened anew (engine.h).
std::optional<event::Failure> boot_again(Booted& booted);

// What a worker says first, with the time since this process started.
wire::Ready ready_message(const Application& application, std::uint32_t generation);

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point start);

// Of the environment; "" when it is not set.
std::string variable(const char* name);

}  // namespace phork::sapi
