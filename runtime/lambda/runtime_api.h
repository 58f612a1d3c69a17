// SPDX-License-Identifier: MIT
//
// The Runtime API of Lambda as php-worker and the supervisor see it: take an event, answer it. An
// interface because the supervisor's tests need a fake; HttpRuntimeApi is the real one. One object
// is one connection: all calls come from one thread, except interrupt(). None logs. A request that
// a kept connection loses is sent once more, at most (api_connection.h).
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::lambda {

// Sizes that the Runtime API enforces. They are constants, not settings, because the platform
// sets them: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
using event::kMaxAnswerBytes;

// The longest answer that can be streamed, the documented 200 MB. Bytes sent before the limit stay
// delivered. https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
inline constexpr std::size_t kMaxStreamBytes = std::size_t{200} * 1024 * 1024;
static_assert(kMaxStreamBytes == 209'715'200);

// All trailers behind a streamed answer, with the empty line that ends them. The API is written in
// Go, whose server takes no more than its read buffer holds, and a longer block for a broken body:
// https://github.com/golang/go/blob/go1.22.0/src/net/http/transfer.go#L896
inline constexpr std::size_t kMaxTrailerBytes = 4096;

// `/error` and `/init/error` bodies stay below this: the emulator of Lambda Managed Instances
// answers 413 above 1 MiB, and the classic one falls over.
inline constexpr std::size_t kMaxErrorBytes = std::size_t{1024} * 1024 - 1;

// The value of the error type header, a metric dimension on the platform's side.
inline constexpr std::size_t kMaxErrorTypeBytes = 128;

// The API's reply to an answer or an error that reached it.
struct Posted {
  enum class Verdict {
    // 202. Also: a second copy was sent because the connection ended before the reply to the first
    // one, and the API refused it as it refuses a second answer.
    kAccepted,
    kTooLarge,  // 413: an answer this long is not taken, the caller is told so by the platform
    kLate,      // 410: the event has timed out, nobody waits for it any more
    kRefused,   // anything else
  };

  Verdict verdict = Verdict::kRefused;
  int status = 0;
  // The API's own words, "InvalidStateTransition" and a sentence, or empty. Safe to log.
  std::string error_type{};
  std::string message{};

  bool accepted() const { return verdict == Verdict::kAccepted; }

  // For a log: "status=413 RequestEntityTooLarge: Exceeded maximum allowed payload size".
  std::string refusal() const {
    return "status=" + std::to_string(status) + (error_type.empty() ? "" : " " + error_type) +
           (message.empty() ? "" : ": " + message);
  }
};

class RuntimeApi {
 public:
  virtual ~RuntimeApi() = default;

  // Waits for the next event, without limit. kRefused: the API answered, but with no event (403:
  // this runtime broke the protocol; 500: the platform is ending it); asking again is useless.
  // kInvalid: an event without a request id. kStopped: interrupt(). kDisconnected: the API is gone.
  virtual base::Result<event::Invocation> next() = 0;

  // The errors of these, of fail_init() and of fail_restore() are kDisconnected: the API is gone,
  // and what was sent may or may not have been received. Each event gets exactly one answer:
  // respond(), fail(), or a stream.
  virtual base::Result<Posted> respond(const event::Invocation& invocation,
                                       const event::Answer& answer) = 0;
  virtual base::Result<Posted> fail(const event::Invocation& invocation,
                                    const event::Failure& failure) = 0;

  // An answer that is sent while it is being made: begin, writes, end, instead of respond(). The
  // first write, or the end, carries the beginning with it. next() can follow after any failure.
  virtual base::Status begin_stream(const event::Invocation& invocation,
                                    const std::string& content_type) = 0;
  // Waits while the API is slow, until `deadline`. kTimeout: nothing further is taken, and the end
  // can still be sent. kRefused: the API answered already. kDisconnected: it hung up, as it may do
  // when the caller has.
  virtual base::Status write_stream(std::string_view bytes, base::Deadline deadline) = 0;
  // A failure is sent behind the bytes that have left. kDisconnected as above.
  virtual base::Result<Posted> end_stream(const event::Failure* failure) = 0;

  // Before the first next() only.
  virtual base::Result<Posted> fail_init(const event::Failure& failure) = 0;

  // Between the restore of a snapshot and the first next() only.
  virtual base::Result<Posted> fail_restore(const event::Failure& failure) = 0;

  // From any thread, for good: next() returns kStopped, at once if it waits, else when it is
  // called. Posts are left alone, and an event that has begun to arrive is still handed out.
  virtual void interrupt() = 0;
};

}  // namespace phork::lambda
