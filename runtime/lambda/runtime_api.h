// SPDX-License-Identifier: MIT
//
// The Runtime API of Lambda as the supervisor sees it: take an event, answer it. An interface
// because the supervisor's tests need a fake; HttpRuntimeApi is the real one. One object serves one
// slot: all calls come from one thread, except interrupt(). No call retries what may have been
// received, and none logs.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/poll.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::lambda {

// What the API said to an answer or an error that reached it.
struct Posted {
  enum class Verdict {
    kAccepted,  // 202
    kTooLarge,  // 413: an answer this long is not taken, the caller is told so by the platform
    kLate,      // 410: the event has timed out, nobody waits for it any more
    kRefused,   // anything else
  };

  Verdict verdict = Verdict::kRefused;
  int status = 0;
  // The API's own word, "InvalidStateTransition", or empty. Fit for a log line.
  std::string error_type;

  bool accepted() const { return verdict == Verdict::kAccepted; }
};

class RuntimeApi {
 public:
  virtual ~RuntimeApi() = default;

  // Waits, for ever if need be, for the next event. kRefused: the API answered, but with no event
  // (403: this runtime broke the protocol; 500: the platform is ending it); asking again is no use.
  // kInvalid: an event without a request id. kStopped: interrupt(). kDisconnected: the API is gone.
  virtual base::Result<event::Invocation> next() = 0;

  // The errors of these and of fail_init() are kDisconnected: the API is gone, and what was sent
  // may or may not have been received. Each event gets exactly one answer: respond(), fail(), or a
  // stream.
  virtual base::Result<Posted> respond(const event::Invocation& invocation,
                                       const event::Answer& answer) = 0;
  virtual base::Result<Posted> fail(const event::Invocation& invocation,
                                    const event::Failure& failure) = 0;

  // What respond() and fail() call each time when all of the request has left and what the API says
  // to it is still on its way: time for work that need not wait for that. It may not use this
  // object.
  virtual void while_posting(std::function<void()> work) = 0;

  // An answer that is sent while it is being made: begin, writes, end, in the place of respond().
  // The first write, or the end, carries the beginning with it. Whatever failed, next() can follow.
  virtual base::Status begin_stream(const event::Invocation& invocation,
                                    const std::string& content_type) = 0;
  // Waits while the API is slow, until `deadline`. kTimeout: nothing further is taken, and the end
  // can still be sent. kRefused: the API answered already. kDisconnected: it hung up, as it may do
  // when the caller has.
  virtual base::Status write_stream(std::string_view bytes, base::Deadline deadline) = 0;
  // With a failure, the caller is told behind the bytes that have left. kDisconnected as above.
  virtual base::Result<Posted> end_stream(const event::Failure* failure) = 0;

  // Before the first next() only.
  virtual base::Result<Posted> fail_init(const event::Failure& failure) = 0;

  // From any thread, once and for all: next() returns kStopped, now if it waits or later when it
  // is called. Posts are left alone, and an event that has begun to arrive is still handed out.
  virtual void interrupt() = 0;
};

}  // namespace phork::lambda
