// SPDX-License-Identifier: MIT
//
// Asks a probe application about each kind of state it knows, one event after the other. How an
// event gets there is the caller's business. A failed event is the verdict about its kind; only
// the list of kinds has to come, and being stopped ends it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "audit/probe_answer.h"
#include "audit/probe_kinds.h"
#include "audit/verdict.h"
#include "runtime/base/result.h"

namespace phork::audit {

// Sends an event, returns its answer. kTimeout: it took too long; kStopped: ask no more.
using Ask = std::function<base::Result<std::string>(std::string event)>;

struct KindFinding {
  Kind kind;
  Finding finding;
};

struct ProbeReport {
  Identity identity;
  std::vector<KindFinding> kinds;  // in the probe's order
};

struct ProbeOptions {
  std::string strategy;             // the one that the events are served under
  std::vector<std::string> only{};  // names of kinds; empty: all
  // Called before each kind.
  std::function<void(std::size_t number, std::size_t total, const Kind& kind)> progress{};
};

// kInvalid only for a kind that is asked for and that the probe does not know; kRefused when what
// answers is no probe.
base::Result<ProbeReport> run_probe(const Ask& ask, const ProbeOptions& options);

}  // namespace phork::audit
