// SPDX-License-Identifier: MIT
//
// An event on its way through the emulator: the caller's input, its result, and the record of what
// was measured. Plain values.
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
  std::string invocation_id;  // empty: likewise
  std::string trace_id;       // empty: likewise
  std::string function_arn;   // empty: the Runtime API server's own
  std::string client_context;
  std::string cognito_identity;
  std::string tenant_id;
  std::string payload;
};

enum class Ending : std::uint8_t {
  kAnswered,   // by /response
  kFailed,     // by /error, or by a response that Lambda refuses
  kTimedOut,   // its time was up, and the environment was killed
  kExited,     // the runtime ended in the middle of it
  kAborted,    // the caller left in the middle of a streamed answer
  kNotServed,  // it never reached a runtime: init failed, or the emulator is stopping
};

// Error types that the platform itself reports.
inline constexpr std::string_view kTimedOutType = "Sandbox.Timedout";  // the event's time was up
inline constexpr std::string_view kExitType = "Runtime.ExitError";     // the runtime ended
inline constexpr std::string_view kStoppedType = "Emulator.Stopped";   // the emulator is stopping
inline constexpr std::string_view kStoppedMessage = "phork is stopping";
// The error type of an aborted event; it appears only in the log.
inline constexpr std::string_view kCallerGone = "Emulator.CallerGone";

// The result for the caller.
struct EventResult {
  Ending ending = Ending::kNotServed;
  std::string body;        // the answer, unless it went to a sink, or Lambda's error JSON
  std::string error_type;  // "Runtime.ExitError"; empty for an answer
  std::string content_type;
  bool streamed = false;  // the answer, or its part before a failure, was streamed

  bool answered() const { return ending == Ending::kAnswered; }
};

// The measurements of one event, complete once the runtime has asked for the next event or ended.
struct EventRecord {
  std::string request_id;
  Ending ending = Ending::kAnswered;
  std::string error_type;
  std::string failure{};   // for the log, when the answer does not contain it
  std::string trace_id{};  // of the event
  bool streamed = false;
  Microseconds queued{};      // handed in -> handed out
  Microseconds first_byte{};  // handed out -> first byte available to the caller
  Microseconds latency{};     // handed out -> answer complete
  // Handed out -> following /next or end of the process. Starts earlier, with the init, when the
  // init was repeated inside this event.
  Microseconds billed{};
};

// {"errorType":..,"errorMessage":..}: the error body as Lambda writes it.
std::string error_json(std::string_view type, std::string_view message);
// Billed milliseconds of an event: its time and that of the init before it, rounded up together.
std::int64_t billed_ms(Microseconds billed, std::optional<Microseconds> init);
// "RequestId: <id> Error: <message>", Lambda's form of errors found by the platform.
std::string platform_message(std::string_view request_id, std::string_view message);
EventResult platform_error(Ending ending, std::string_view request_id, std::string_view type,
                           std::string_view message);

// A random version 4 UUID, and a random X-Ray trace header.
std::string make_uuid();
std::string make_trace_id();

}  // namespace phork::emulator
