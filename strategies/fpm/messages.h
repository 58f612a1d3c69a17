// SPDX-License-Identifier: MIT
//
// What the supervisor says to front.php (php-worker/src/Fpm) and what comes back: tasks as FastCGI
// requests, replies as outcomes. Pure.
//
// A task is one parameter, `[phork]`, in JSON. PHP registers no variable whose name begins with a
// bracket, so that an application sees the variables that a web server would send, and no other.
// The reply's header Phork-Outcome says `answer` or `failure` (of a handler, in the body), or
// `done`: an HTTP entry has ended. Without it the entry's code may still be running.
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

// What a request was answered with, as PHP sent it.
struct FpmReply {
  std::uint16_t status = 200;
  std::vector<event::NameValue> headers;
  std::string body;
  std::size_t body_bytes = 0;  // all of them; `body` keeps no more than can be answered

  std::string_view outcome() const;  // "" when there is none
};

enum class FpmServes : std::uint8_t { kEvents, kHttp };

// The worker tells its process id.
base::Result<FpmRequest> fpm_hello(const Settings& settings);
// Boots the entry and tells what it serves.
base::Result<FpmRequest> fpm_boot(const Settings& settings);
// Answered by php-fpm itself when the worker has nothing else to do.
base::Result<FpmRequest> fpm_ping();

base::Result<pid_t> read_fpm_hello(const FpmReply& reply);
// The failure, when the entry did not boot.
std::variant<FpmServes, event::Failure> read_fpm_boot(const FpmReply& reply);

// An event ready to be sent. Borrows from the invocation it was made of.
struct FpmEvent {
  std::optional<http::EventShape> shape;  // of an HTTP event
  // That `request` borrows; behind a pointer, as a short text moves with the string that holds it.
  std::unique_ptr<const std::string> body;
  std::optional<FpmRequest> request;
};

// kInvalid: the event is no HTTP event although the entry serves HTTP, or php-fpm cannot take it.
base::Result<FpmEvent> make_fpm_event(const event::Invocation& invocation, FpmServes serves,
                                      const Settings& settings);
event::Outcome read_fpm_answer(FpmReply reply, const FpmEvent& event);

// PHP's code may still run: its response was finished before it ended.
bool may_still_run(const FpmReply& reply);

}  // namespace phork::strategies
