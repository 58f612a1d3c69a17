// SPDX-License-Identifier: MIT
//
// An event on its way through the emulator: what a caller hands in, what it gets back, and the
// record of what was measured meanwhile. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phork::emulator {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;

struct Event {
  std::string request_id;     // empty: the dispatcher makes one
  std::string invocation_id;  // likewise
  std::string trace_id;       // likewise
  std::string function_arn;   // empty: the Runtime API server's own
  std::string client_context;
  std::string cognito_identity;
  std::string tenant_id;
  std::string payload;
};

enum class Ending : std::uint8_t {
  kAnswered,   // by /response
  kFailed,     // by /error, or by a response that Lambda refuses
  kTimedOut,   // the environment was killed
  kExited,     // the runtime ended in the middle of it
  kAborted,    // the caller went away in the middle of a streamed answer
  kNotServed,  // it never reached a runtime: init failed, or the emulator is stopping
};

// Error types of what the platform finds out itself. Of an event that was killed for its time, of
// one whose runtime ended, and of one that came too late for the emulator's own end.
inline constexpr std::string_view kTimedOutType = "Sandbox.Timedout";
inline constexpr std::string_view kExitType = "Runtime.ExitError";
inline constexpr std::string_view kStoppedType = "Emulator.Stopped";
inline constexpr std::string_view kStoppedMessage = "phork is stopping";
// Of an aborted event; no caller sees it, the log does.
inline constexpr std::string_view kCallerGone = "Emulator.CallerGone";

// What the caller gets.
struct EventResult {
  Ending ending = Ending::kNotServed;
  std::string body;  // the answer unless it went to a sink, or the error JSON that Lambda sends
  std::string error_type;  // "Runtime.ExitError"; empty for an answer
  std::string content_type;
  bool streamed = false;  // the answer came part by part, as far as it came

  bool answered() const { return ending == Ending::kAnswered; }
};

// What one event cost, complete once the runtime asked for the next one or ended.
struct EventRecord {
  std::string request_id;
  Ending ending = Ending::kAnswered;
  std::string error_type;
  std::string failure{};   // for the log, where the answer itself does not say it
  std::string trace_id{};  // the event's
  bool streamed = false;
  Microseconds queued{};      // handed in -> handed out
  Microseconds first_byte{};  // handed out -> first byte that the caller can get
  Microseconds latency{};     // handed out -> answer complete
  // Handed out, or the begin of an init that was done again for it -> following /next, or the end
  // of the process.
  Microseconds billed{};
};

// {"errorType":..,"errorMessage":..}, the body Lambda makes itself.
std::string error_json(std::string_view type, std::string_view message);
// What an event costs: what it and the init inside or before it took, in whole milliseconds
// rounded up.
std::int64_t billed_ms(Microseconds billed, std::optional<Microseconds> init);
// "RequestId: <id> Error: <message>" as Lambda words what the platform found out.
std::string platform_message(std::string_view request_id, std::string_view message);
EventResult platform_error(Ending ending, std::string_view request_id, std::string_view type,
                           std::string_view message);

// A random version 4 UUID, and an X-Ray trace header of the same randomness.
std::string make_uuid();
std::string make_trace_id();

}  // namespace phork::emulator
