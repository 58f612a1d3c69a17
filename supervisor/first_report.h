// SPDX-License-Identifier: MIT
//
// Reports of a failure before the first event, which ends the environment: to the log and to
// Lambda. Each returns the exit code.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "runtime/event/invocation.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::supervisor {

// Makes a connection to the Runtime API. One each time: what is said here is said rarely.
using ApiFactory = std::function<std::unique_ptr<lambda::RuntimeApi>()>;

// Of a boot, or of hooks of Phork\onSnapshot. Lambda hears of the first one alone.
int report_boot(const ApiFactory& make_api, const event::Failure& failure, bool is_first);

// Of whatever keeps an environment that was restored from a snapshot from serving; it gets the name
// kAfterRestoreError if it has another.
int report_restore(const ApiFactory& make_api, event::Failure failure);

// From the restore to the first `next`. Lambda gives an environment ten seconds, in which it also
// loads the snapshot, and takes the report of a failure.
inline constexpr std::chrono::seconds kRestoreTimeout{8};

}  // namespace phork::supervisor
