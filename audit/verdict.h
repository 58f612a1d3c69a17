// SPDX-License-Identifier: MIT
//
// What three events tell about one kind of state: one looked, the next changed it, the one after
// that looked again. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/probe_answer.h"
#include "audit/probe_kinds.h"

namespace phork::audit {

enum class Verdict : std::uint8_t {
  kClean,        // the last event found what the first one did
  kLeak,         // it found something else
  kKept,         // so it did, as is known of this kind under this strategy
  kShared,       // the state is outside the isolation contract, so either is right
  kUnavailable,  // this PHP has no such state
  kFailed,       // one of the events did
  kUntested,     // the three events prove nothing
};

// As tables have it ("LEAK", "n/a"), and as JSON has it ("leak", "unavailable").
std::string_view table_word(Verdict verdict);
std::string_view json_word(Verdict verdict);

// Values are JSON; empty where no event told them.
struct Finding {
  Verdict verdict = Verdict::kUntested;
  std::string before{};
  std::string planted{};
  std::string found{};
  std::string reason{};  // of every verdict but kClean and kLeak
};

// `kind` is available, and all three events answered under `strategy`.
Finding judge(const Kind& kind, std::string_view strategy, std::string before, Planted planted,
              std::string found);

Finding unavailable(const Kind& kind);
Finding failed(std::string reason);

}  // namespace phork::audit
