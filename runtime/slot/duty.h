// SPDX-License-Identifier: MIT
//
// The supervisor's duties when a worker is not well, as a table: for each stage of the event
// register and each thing that can happen, one duty. A good event appears nowhere in it. Pure;
// supervisor/seat.cpp carries the duties out, and docs/architecture.md shows the table.
#pragma once

#include <cstdint>

#include "runtime/slot/page.h"

namespace phork::slot {

enum class Happening : std::uint8_t {
  kWorkerEnded,   // the process is gone, whatever ended it
  kSoftDeadline,  // time to interrupt PHP
  kHardDeadline,  // time to kill the worker
  kTurnReport,    // the worker says that it sleeps at its stage, or PHP code does
};

inline constexpr std::size_t kHappenings = static_cast<std::size_t>(Happening::kTurnReport) + 1;

enum class Duty : std::uint8_t {
  kNone,
  kReportBoot,      // say why no worker can serve
  kStartNext,       // nothing is owed; another worker takes over
  kAnswer,          // post why the event has no answer, then start another worker
  kInterrupt,       // tell PHP to stop; the hard deadline comes next
  kKill,            // kill the worker and its group; nobody waits for an answer any more
  kKillUnanswered,  // kill it, and answer the event as timed out when it is gone
  kGoOn,            // write the last event's cost, then let the worker ask
  kAwaitRestore,    // let it go on when the environment has been restored from a snapshot
  kSettle,          // read the worker's output, then let it or the next one go on
};

Duty duty(Stage stage, Happening happening);

}  // namespace phork::slot
