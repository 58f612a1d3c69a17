// SPDX-License-Identifier: MIT
//
// The supervisor's tasks for prepend.php (php-worker/src/Fpm) as FastCGI requests, and its replies
// as outcomes. Pure.
//
// A task is JSON in one parameter, `[phork]`. A script gets `[phork.preboot]` instead, the file to
// run before it; `[phork.trace]` is the event's trace header. PHP registers no variable whose name
// begins with a bracket, so the application sees exactly the variables that a web server would
// send. Values are hexadecimal, because php.ini's filter.default changes others. The reply's
// header Phork-Outcome is `answer` or `failure` (of a handler; the body has it), or `done`: an HTTP
// entry has ended. Without that header the code of the entry may still be running.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/http/message.h"
#include "strategies/fpm/fastcgi.h"
#include "strategies/strategy.h"

namespace phork::strategies {

using FpmRequest = fastcgi::EncodedRequest;

// The response to a request, as PHP sent it.
struct FpmReply {
  std::uint16_t status = 200;
  std::vector<event::NameValue> headers;
  std::string body;
  std::size_t body_bytes = 0;  // of the whole body; `body` keeps at most kMaxBodyBytes

  std::string_view outcome() const;  // the header Phork-Outcome; "" without it
};

enum class FpmServes : std::uint8_t { kEvents, kHttp };

// Asks the worker for its process id.
base::Result<FpmRequest> fpm_hello(const Settings& settings);
// Boots the entry and asks what it serves.
base::Result<FpmRequest> fpm_boot(const Settings& settings);
// php-fpm answers it itself, as soon as the worker is idle.
base::Result<FpmRequest> fpm_ping();

base::Result<pid_t> read_fpm_hello(const FpmReply& reply);
// A failure when the entry did not boot.
std::variant<FpmServes, event::Failure> read_fpm_boot(const FpmReply& reply);

// An event ready to be sent. Borrows from the invocation it was made of.
struct FpmEvent {
  std::optional<http::EventShape> shape;  // of an HTTP event
  // `request` borrows from it. Behind a pointer: moving a short string would move its characters.
  std::unique_ptr<const std::string> body;
  std::optional<FpmRequest> request;
};

// kInvalid: the entry serves HTTP and the event is not an HTTP event, or it is too large for
// php-fpm.
base::Result<FpmEvent> make_fpm_event(const event::Invocation& invocation, FpmServes serves,
                                      const Settings& settings);
event::Outcome read_fpm_answer(FpmReply reply, const FpmEvent& event);

// True when PHP finished its response before it ended, so that its code may still run.
bool may_still_run(const FpmReply& reply);

}  // namespace phork::strategies
