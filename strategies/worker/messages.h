// SPDX-License-Identifier: MIT
//
// Events as workers take them, answers as Lambda takes them, and the outcome of an event whose
// worker gives no answer. Worker passes on the pieces of a streamed answer (worker.cpp). Pure, but
// for the clock. Strategy fpm uses the outcomes too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/http/message.h"
#include "runtime/process/spawn.h"
#include "runtime/wire/frames.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// When an event must be over: PHP is interrupted at `soft` and killed at `hard`.
struct EventDeadlines {
  base::Deadline soft;
  base::Deadline hard;
};

// `soft` is the event's deadline less the margin, `hard` less two fifths of the margin. To be
// called when the event begins: its deadline is wall-clock time, which jumps while an environment
// is frozen, and these are times of the steady clock.
EventDeadlines event_deadlines(const event::Invocation& invocation, const Settings& settings);

// An event ready to be sent. Borrows from the invocation it was made of.
struct WorkerRequest {
  std::optional<http::EventShape> shape;  // of an HTTP event
  // `frame` borrows from it. Behind a pointer: moving a short string would move its characters.
  std::unique_ptr<const std::string> body;
  wire::EncodedFrame frame;
};

// kInvalid: the worker serves HTTP, and the event is not an HTTP event.
base::Result<WorkerRequest> make_request(const event::Invocation& invocation, wire::Serves serves,
                                         const Settings& settings);

// The answer in `frame`, or the end of an answer that was `streamed`. kInvalid: the frame does not
// answer the request.
base::Result<Served> read_answer(const wire::Frame& frame, const WorkerRequest& request,
                                 const wire::Ready& ready, bool streamed);

// The failure in a boot message of a zygote; nothing when the message is Ready.
std::optional<event::Failure> read_boot_message(const std::string& bytes);

// The event had no answer before its deadline: 504 for HTTP, else a failure.
event::Outcome timed_out(const event::Invocation& invocation,
                         const std::optional<http::EventShape>& shape);

event::Failure boot_timed_out(const Settings& settings);

// The worker ended without an answer. `status` is empty when its exit status cannot be learned.
event::Failure death_failure(const std::optional<process::ExitStatus>& status);

// The worker did something that makes it useless: "the PHP worker " and `deed`.
event::Failure worker_lost(const std::string& deed);

}  // namespace phork::strategies
