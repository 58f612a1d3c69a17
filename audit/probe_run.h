// SPDX-License-Identifier: MIT
//
// Asks a probe about every kind of state it knows, one event after the other, and judges the
// answers: three events for a kind, of which the first looks, the second changes the state and the
// third looks again. The caller decides how an event reaches the probe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/probe_protocol.h"
#include "runtime/base/result.h"

namespace phork::audit {

enum class Verdict : std::uint8_t {
  kClean,        // the third event found what the first one had found
  kLeak,         // the third event found something else
  kKept,         // the same, but the strategy is known to keep this kind
  kShared,       // the kind is outside the isolation contract: it may survive or not
  kUnavailable,  // this PHP has no such state
  kFailed,       // one of the three events failed
  kUntested,     // the answers prove nothing
};

inline constexpr std::size_t kVerdicts = static_cast<std::size_t>(Verdict::kUntested) + 1;

// The word for tables ("LEAK", "n/a") and the word for JSON ("leak", "unavailable").
std::string_view table_word(Verdict verdict);
std::string_view json_word(Verdict verdict);

// Values are JSON, and empty when no event told them.
struct Finding {
  Verdict verdict = Verdict::kUntested;
  std::string before{};
  std::string planted{};
  std::string found{};
  std::string reason{};  // set for every verdict but kClean and kLeak
};

struct KindFinding {
  Kind kind;
  Finding finding;
};

struct ProbeReport {
  Identity identity;
  std::vector<KindFinding> kinds;  // in the probe's order
};

// Judges an available kind from the answers to its three events under `strategy`.
Finding judge(const Kind& kind, std::string_view strategy, std::string before, Planted planted,
              std::string found);

Finding unavailable(const Kind& kind);
Finding failed(std::string reason);

// Sends an event and returns its answer. kTimeout: the event took too long; kStopped: the audit is
// being stopped.
using Ask = std::function<base::Result<std::string>(std::string event)>;

struct ProbeOptions {
  std::string strategy;             // serves the events
  std::vector<std::string> only{};  // names of kinds; empty: all of them
  // Called before each kind.
  std::function<void(std::size_t number, std::size_t total, const Kind& kind)> progress{};
};

// A kind whose event fails gets kFailed, and the run goes on. kInvalid when `only` names a kind
// that the probe does not know; kRefused when the answers are not those of a probe; kStopped.
base::Result<ProbeReport> run_probe(const Ask& ask, const ProbeOptions& options);

}  // namespace phork::audit
