// SPDX-License-Identifier: MIT
//
// The states of a runtime as Lambda's Runtime API sees them, one invocation at a time, and which
// call is legal in which. What is not legal is answered with 403 InvalidStateTransition.
//
//   started -next-> ready -[event]-> running -response|error-> response sent -next-> ready
//   started -init/error-> init failed                  running -next-> the same event again
//
// A response with a bad mode or a cut body leaves the runtime in `responding`, where `next` is
// refused for ever, as on Lambda: only the end of the process leads out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace phork::emulator {

enum class RuntimeState : std::uint8_t {
  kStarted,
  kReady,
  kRunning,
  kResponding,
  kResponseSent,
  kInitFailed,
  kEnded,  // the process is gone and no other has taken its place
};

enum class RuntimeCall : std::uint8_t { kNext, kResponse, kError, kInitError };

inline constexpr std::size_t kRuntimeStates = 7;
inline constexpr std::size_t kRuntimeCalls = 4;

constexpr bool is_legal(RuntimeState state, RuntimeCall call) {
  // Rows are states, columns calls, both in the order of their enums.
  constexpr std::array<std::array<bool, kRuntimeCalls>, kRuntimeStates> kLegal = {{
      {true, false, false, true},    // started
      {true, false, false, false},   // ready
      {true, true, true, false},     // running
      {false, false, false, false},  // responding
      {true, false, false, false},   // response sent
      {false, false, false, false},  // init failed
      {false, false, false, false},  // ended
  }};
  return kLegal[static_cast<std::size_t>(state)][static_cast<std::size_t>(call)];
}

constexpr std::string_view state_name(RuntimeState state) {
  constexpr std::array<std::string_view, kRuntimeStates> kNames = {
      "Started", "Ready", "Running", "InvocationResponse", "ResponseSent", "InitError", "Ended"};
  return kNames[static_cast<std::size_t>(state)];
}

static_assert(static_cast<std::size_t>(RuntimeState::kEnded) + 1 == kRuntimeStates);
static_assert(static_cast<std::size_t>(RuntimeCall::kInitError) + 1 == kRuntimeCalls);

}  // namespace phork::emulator
