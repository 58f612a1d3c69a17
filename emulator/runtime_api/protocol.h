// SPDX-License-Identifier: MIT
//
// The protocol of the Runtime API: the states of a runtime, the meaning of its requests and the
// text of the replies. Pure. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/http/message.h"

namespace phork::emulator {

// Which calls are legal depends on the state; an illegal one gets 403 InvalidStateTransition.
//
//   started -next-> ready -[event]-> running -response|error-> response sent -next-> ready
//   started -init/error-> init failed                  running -next-> the same event again
//
// With snapshots also (https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html):
//
//   started -restore/next-> snapshot -[restore]-> restored -next-> ready
//   restored -restore/error-> init failed
//
// A response with a bad mode or a cut body leaves the runtime in `responding`, as on Lambda: no
// call is legal there until the process ends.
enum class RuntimeState : std::uint8_t {
  kStarted,
  kSnapshot,  // waits in restore/next
  kRestored,
  kReady,
  kRunning,
  kResponding,
  kResponseSent,
  kInitFailed,
  kEnded,  // the process has ended, and no other has started
};

enum class RuntimeCall : std::uint8_t {
  kNext,
  kResponse,
  kError,
  kInitError,
  kRestoreNext,
  kRestoreError,
};

inline constexpr std::size_t kRuntimeStates = 9;
inline constexpr std::size_t kRuntimeCalls = 6;

constexpr bool is_legal(RuntimeState state, RuntimeCall call) {
  // Rows are states, columns calls, both in the order of their enums.
  constexpr std::array<std::array<bool, kRuntimeCalls>, kRuntimeStates> kLegal = {{
      {true, false, false, true, true, false},     // started
      {false, false, false, false, true, false},   // snapshot
      {true, false, false, false, true, true},     // restored
      {true, false, false, false, false, false},   // ready
      {true, true, true, false, false, false},     // running
      {false, false, false, false, false, false},  // responding
      {true, false, false, false, false, false},   // response sent
      {false, false, false, false, false, false},  // init failed
      {false, false, false, false, false, false},  // ended
  }};
  return kLegal[static_cast<std::size_t>(state)][static_cast<std::size_t>(call)];
}

constexpr std::string_view state_name(RuntimeState state) {
  constexpr std::array<std::string_view, kRuntimeStates> kNames = {
      "Started",      "Snapshot",  "Restored", "Ready", "Running", "InvocationResponse",
      "ResponseSent", "InitError", "Ended"};
  return kNames[static_cast<std::size_t>(state)];
}

static_assert(static_cast<std::size_t>(RuntimeState::kEnded) + 1 == kRuntimeStates);
static_assert(static_cast<std::size_t>(RuntimeCall::kRestoreError) + 1 == kRuntimeCalls);

struct Route {
  RuntimeCall call = RuntimeCall::kNext;
  std::string id;  // the request id in the path of response and error
  std::string_view method;
};

std::optional<Route> find_route(std::string_view path);

// The Lambda-Runtime-Function-Response-Mode header: "streaming", empty, or anything else.
std::string_view response_mode(const HttpRequest& request);
bool is_streaming(const HttpRequest& request);

// The Lambda-Runtime-Invocation-Id header, which names the attempt at an event; empty when the
// runtime does not return it.
std::string_view invocation_id(const HttpRequest& request);

// Keeps (Runtime|Function).Xxxx and replaces any other type, as Lambda does.
std::string valid_error_type(std::string_view type);

HttpReply accepted();
HttpReply refusal(int status, std::string_view type, std::string_view message);
HttpReply illegal_transition(RuntimeState state);
HttpReply invalid_request_id();
HttpReply truncated_request();

// A body over `limit`: the result for the caller and the reply to the runtime.
EventResult too_large_result(std::size_t limit);
HttpReply too_large_reply(std::size_t limit);

// The result for the caller of a response whose body was cut off.
EventResult truncated_result(std::string_view request_id);

// The reply of `next`; an event without an ARN gets `function_arn`.
HttpReply event_reply(const Event& event, std::int64_t deadline_ms,
                      const std::string& function_arn);

}  // namespace phork::emulator
