// SPDX-License-Identifier: MIT
//
// Faults that the emulator injects on request, in the form
//
//   POINT:ACTION[=DURATION][@WHEN]     next:500@3   event:timeout=2s@2+   response:drop@5%
//
// WHEN selects occurrences of the point: @N the Nth, @N+ the Nth and all later ones, @P% a random
// P percent, the same ones in each run; without WHEN the first. docs/emulator.md lists the effect
// of each fault. Plain values and a pure parser; a bad specification is an Error that names the
// position.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::emulator {

// Where faults happen: the calls of the Runtime API, and two moments in the life of a process.
enum class FaultPoint : std::uint8_t {
  kInit,   // a process asks for its first event
  kNext,   // a process asks for an event, the first included
  kEvent,  // a runtime has received an event
  kResponse,
  kError,
  kInitError,
};

inline constexpr std::size_t kFaultPoints = 6;

std::string_view name_of(FaultPoint point);

enum class FaultAction : std::uint8_t {
  kStatus,   // the call is refused
  kDrop,     // the connection ends without a reply
  kReset,    // the connection ends with a RST, if possible in the middle of a body
  kDelay,    // the call is handled later
  kFreeze,   // the processes of the runtime are stopped for a while
  kKill,     // the processes of the runtime are killed
  kTimeout,  // the event gets less time than the function's timeout
};

struct Fault {
  std::string spec;  // as requested, for messages
  FaultPoint point = FaultPoint::kNext;
  FaultAction action = FaultAction::kStatus;
  int status = 0;  // of kStatus
  // The length of a delay or freeze, the time until a kill, or the time that an event gets.
  std::chrono::milliseconds duration{};
  std::uint64_t first = 1;  // counts from 1
  bool and_later = false;
  unsigned percent = 0;  // 1 to 100 selects at random; 0 counts
};

base::Result<Fault> parse_fault(std::string_view spec);

// All points with their actions, as one line of help.
std::string fault_summary();

}  // namespace phork::emulator
