// SPDX-License-Identifier: MIT
//
// A fault to inject on purpose, and the words a person asks for it in:
//
//   POINT:ACTION[=DURATION][@WHEN]     next:500@3   event:timeout=2s@2+   response:drop@5%
//
// WHEN counts what happens at the point: @N is the Nth time, @N+ that and all later ones, @P% one
// in so many, the same ones in each run; without it the first. docs/emulator.md lists what each
// fault does. Plain values and a pure parser; a bad specification is an Error that names the
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
  kNext,   // any process asks for an event
  kEvent,  // a runtime has got an event
  kResponse,
  kError,
  kInitError,
};

inline constexpr std::size_t kFaultPoints = 6;

std::string_view name_of(FaultPoint point);

enum class FaultAction : std::uint8_t {
  kStatus,   // the call is refused
  kDrop,     // the connection ends without a reply
  kReset,    // likewise, with a RST, and in the middle of a body
  kDelay,    // the call is taken up later
  kFreeze,   // the processes of the runtime are stopped for a while
  kKill,     // they are killed
  kTimeout,  // the event has less time than the function gives
};

struct Fault {
  std::string spec;  // as it was asked for, to name it by
  FaultPoint point = FaultPoint::kNext;
  FaultAction action = FaultAction::kStatus;
  int status = 0;  // of kStatus
  // How long a delay or freeze lasts, how soon a kill comes, how much time an event has.
  std::chrono::milliseconds duration{};
  std::uint64_t first = 1;  // counts from 1
  bool and_later = false;
  unsigned percent = 0;  // 1 to 100: instead of counting
};

base::Result<Fault> parse_fault(std::string_view spec);

// All points with their actions, in one line for people.
std::string fault_summary();

}  // namespace phork::emulator
