// SPDX-License-Identifier: MIT
#include "runtime/slot/duty.h"

#include <array>

namespace phork::slot {
namespace {

using D = Duty;
using Row = std::array<Duty, kHappenings>;

// By happening: worker ended, soft deadline, hard deadline, turn report. A deadline outside of an
// event is that of the last one: a worker that ends with its event leaves the timer armed.
constexpr std::array<Row, kStages> kTable{{
    /* booting     */ {D::kReportBoot, D::kNone, D::kKill, D::kNone},
    /* snapshot    */ {D::kStartNext, D::kNone, D::kNone, D::kAwaitRestore},
    /* ready       */ {D::kStartNext, D::kNone, D::kNone, D::kNone},
    /* announcing  */ {D::kStartNext, D::kNone, D::kNone, D::kGoOn},
    /* waiting     */ {D::kStartNext, D::kNone, D::kNone, D::kNone},
    /* taken       */ {D::kAnswer, D::kInterrupt, D::kKillUnanswered, D::kNone},
    // The answer may have arrived: then the API refuses the second one.
    /* answering   */ {D::kAnswer, D::kInterrupt, D::kKillUnanswered, D::kNone},
    // No PHP code runs, and the client gives up by itself when nothing moves.
    /* closing     */ {D::kAnswer, D::kNone, D::kNone, D::kNone},
    /* answered    */ {D::kStartNext, D::kInterrupt, D::kKill, D::kNone},
    /* handed over */ {D::kStartNext, D::kNone, D::kNone, D::kSettle},
    /* done        */ {D::kStartNext, D::kNone, D::kNone, D::kNone},
}};

}  // namespace

Duty duty(Stage stage, Happening happening) {
  return kTable.at(static_cast<std::size_t>(stage)).at(static_cast<std::size_t>(happening));
}

}  // namespace phork::slot
