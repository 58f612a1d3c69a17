// SPDX-License-Identifier: MIT
//
// The parts of bootstrap that all slots share.
#pragma once

#include <cstdint>

#include "runtime/slot/report.h"
#include "runtime/tracing/tracer.h"
#include "supervisor/config.h"
#include "supervisor/first_report.h"
#include "supervisor/loop.h"

namespace phork::supervisor {

// The surroundings of a seat; all outlive it.
struct Surroundings {
  Loop& loop;
  const Config& config;
  const ApiFactory& make_api;
  tracing::Tracer* tracer = nullptr;  // null: PHORK_TRACE is off

  // An event of a slot was served.
  void trace(unsigned slot, const slot::CostReport& cost) const;
  // Microseconds since 1970, for trace(); 0 without a tracer.
  std::uint64_t traced_now() const;
};

}  // namespace phork::supervisor
