// SPDX-License-Identifier: MIT
//
// One event: what the Runtime API handed out, and what is answered, as a value or as a stream while
// it is still being made. `lambda` makes the first and sends the second; php-worker, or a strategy
// with other processes, turns the one into the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::event {

// The variable for the trace header of an event. An event's own value is never the boot's.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
inline constexpr const char* kTraceVariable = "_X_AMZN_TRACE_ID";

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// Absent headers are empty strings. `event` holds the bytes as they came.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next
struct Invocation {
  std::string request_id;
  std::string invocation_id;  // echoed on the answer; unique per attempt, unlike the request id
  WallTime deadline{};
  std::string function_arn;
  std::string trace_id;
  std::string client_context;    // JSON
  std::string cognito_identity;  // JSON
  std::string tenant_id;
  std::string event;
};

// When an event must be over: PHP is interrupted at `soft` and killed at `hard`.
struct Deadlines {
  base::Deadline soft;
  base::Deadline hard;
};

// `soft` is the event's deadline less the margin, `hard` less two fifths of the margin. To be
// called when the event begins: its deadline is wall-clock time, which jumps while an environment
// is frozen, and these are times of the steady clock.
Deadlines deadlines_of(const Invocation& invocation, std::chrono::milliseconds margin);

// The longest body `/response` takes: the documented 6 MB plus 100 bytes. Measured against the
// Runtime Interface Emulator, and MaxPayloadSize in its source: 202 at this length, 413 above.
// https://github.com/aws/aws-lambda-runtime-interface-emulator
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{6} * 1024 * 1024 + 100;
static_assert(kMaxAnswerBytes == 6'291'556);

// Goes to `/response`.
struct Answer {
  std::string body;
  std::string content_type = "application/json";
};

// Goes to `/error` (or `/init/error`).
// The types by which Lambda knows failures of hooks around a snapshot.
inline constexpr const char* kBeforeSnapshotError = "Runtime.BeforeSnapshotError";
inline constexpr const char* kAfterRestoreError = "Runtime.AfterRestoreError";

struct Failure {
  std::string type;  // "Runtime.PhpFatal", "Function.Timeout", or the class of an exception
  std::string message;
  std::vector<std::string> stack_trace;
};

// All of the answer has been written to the event's AnswerStream.
struct Streamed {};

using Outcome = std::variant<Answer, Failure, Streamed>;

// php-worker writes an answer to it, `lambda` brings the bytes to the Runtime API. One event's,
// used by the thread that serves it.
class AnswerStream : private base::Pinned {
 public:
  AnswerStream() = default;
  virtual ~AnswerStream() = default;

  // Once, before the first write(). From here on the event can no longer fail as a whole: a later
  // failure is told behind the bytes that have left.
  virtual base::Status begin(const std::string& content_type) = 0;

  // Blocks while the reader is slow, at most until `deadline`. kDisconnected: nobody reads on, and
  // making the answer may stop. kTimeout: not all of it was taken in time.
  virtual base::Status write(std::string_view bytes, base::Deadline deadline) = 0;

  // True after begin(), even if it failed.
  virtual bool begun() const = 0;
};

// A header of a message or a CGI variable. Names may repeat in a list of these.
struct NameValue {
  std::string name;
  std::string value;

  bool operator==(const NameValue&) const = default;
};

// Logs an error of one event, with its ids. Any thread.
void log_error(std::string_view text, const Invocation& event);

// Logs "<what>: <type>: <message>", and the rest of the failure as the sink's format has it.
// `event` is null outside of one. Any thread.
void log_failure(std::string_view what, const Failure& failure, const Invocation* event = nullptr);

}  // namespace phork::event
