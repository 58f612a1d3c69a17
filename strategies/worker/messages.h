// SPDX-License-Identifier: MIT
//
// Events as workers take them and answers as Lambda takes them: the one place where frames, HTTP
// and invocations meet.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/http/message.h"
#include "runtime/wire/frames.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// An event ready to be sent. Borrows from the invocation it was made of.
struct WorkerRequest {
  std::optional<http::EventShape> shape;  // of an HTTP event
  // That `frame` borrows; behind a pointer, as a short text moves with the string that holds it.
  std::unique_ptr<const std::string> body;
  wire::EncodedFrame frame;
};

// kInvalid: the worker serves HTTP and the event is none.
base::Result<WorkerRequest> make_request(const event::Invocation& invocation, wire::Serves serves,
                                         const Settings& settings);

// The answer in a frame of the worker's, or the end of one that was `streamed`; kInvalid when it is
// none that fits the request.
base::Result<Served> read_answer(const wire::Frame& frame, const WorkerRequest& request,
                                 const wire::Ready& ready, bool streamed);

// How an event that could not be served ends: 504 for HTTP, else a failure.
event::Outcome timed_out(const event::Invocation& invocation,
                         const std::optional<http::EventShape>& shape);

}  // namespace phork::strategies
