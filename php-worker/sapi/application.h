// SPDX-License-Identifier: MIT
//
// The user's application after boot. A handler's file was run once, and our PHP library made a
// dispatcher for what it returned (php-worker/src/Worker/Dispatcher.php); a script is run for each
// event, and only what PHORK_PREBOOT names has run. PHP runs only through this object, which lives
// until the process ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "php-worker/sapi/php_headers.h"
#include "php-worker/sapi/site.h"
#include "runtime/event/invocation.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// What a handler made: JSON text, borrowed until the next call.
struct HandlerAnswer {
  std::string_view json;
};

// An HTTP entry ran to its end; the response is in `current_exchange()`.
struct HttpDone {};

// A handler's result has gone to the sink of `current_exchange()`, but for what is kept there.
struct StreamDone {};

using CallResult = std::variant<HandlerAnswer, HttpDone, StreamDone, event::Failure>;

class Application {
 public:
  // Runs at global scope what is to run before events. `library` is the folder of our PHP files.
  // To be called again when PHP's request has been opened anew (engine.h).
  std::optional<event::Failure> boot(const Site& site, const std::string& library);

  wire::Serves serves() const { return serves_; }

  bool is_script() const { return serves_ == wire::Serves::kScripts; }

  // Calls the handler, or the HTTP entry, for the event that is open (request.h). An exit or a
  // fatal error of the user's code is a Failure, but under HTTP, where exit just ends the response,
  // and in a script, where PHP itself makes the response to an error.
  CallResult call_handler(const event::Invocation& invocation);
  CallResult call_http(const event::Invocation& invocation);

  // For `phork audit`, where it asks for it: tells what the event that is open finds.
  void record_state();

  // User callbacks of Phork\onFork and Phork\onSeal. The failure of the first one that fails.
  std::optional<event::Failure> run_fork_hooks();
  std::optional<event::Failure> run_seal_hooks();

  bool has_fork_hooks() const { return has_fork_hooks_; }

 private:
  std::optional<event::Failure> make_dispatcher(zval* boot_library, zval* entry, const Site& site);
  std::optional<event::Failure> ask_what_it_serves();
  std::optional<event::Failure> call_hooks(const char* method, const char* name);

  zval dispatcher_{};  // of a script: what calls its hooks
  zend_function* serve_event_ = nullptr;
  zend_function* serve_http_ = nullptr;
  wire::Serves serves_ = wire::Serves::kEvents;
  std::string record_file_;      // PHORK_AUDIT_RECORD
  bool has_fork_hooks_ = false;  // known when the hooks of the seal have run
  zval result_{};                // of the last call; HandlerAnswer borrows from it
};

}  // namespace phork::sapi
