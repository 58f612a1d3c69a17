// SPDX-License-Identifier: MIT
//
// From a fresh process to an application that can serve: finds the entry and its kind, starts PHP,
// runs the application's boot, plays the rehearsal, and runs hooks of Phork\onSnapshot. The same
// for every mode of php-worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"
#include "runtime/base/start_clock.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// Lives until the process ends, because PHP is never shut down.
struct Booted {
  EntryPoint entry;
  Application application;
};

enum class Warmup : std::uint8_t {
  kSkipped,
  kRehearsed,
  kRehearsedToFork,     // and what copies of the process learned is kept
  kRehearsedToCompile,  // and compiled code is written (file_cache.h)
};

// `executable` is argv[0]. Call it once in a process. A value says why the application cannot
// serve.
std::optional<event::Failure> boot(Booted& booted, char* executable, Warmup warmup);

// Runs the application's boot in a request that has been reopened (engine.h).
std::optional<event::Failure> boot_again(Booted& booted);

// Of this process. boot() ends the parts "PHP", "application" and "rehearsal".
base::StartClock& start_clock();

// Since this process started.
std::uint64_t microseconds_since_start();

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point start);

}  // namespace phork::sapi
