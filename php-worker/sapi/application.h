// SPDX-License-Identifier: MIT
//
// The user's application after boot: the entry file was run once, and our PHP library made a
// dispatcher for what it returned (php-worker/src/Worker/Dispatcher.php). The object lives until
// the process ends, and PHP runs only through it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "php-worker/sapi/php_headers.h"
#include "runtime/base/invocation.h"
#include "runtime/lambda/handler_path.h"
#include "runtime/wire/frames.h"

namespace phork::sapi {

// What a handler made: JSON text, borrowed until the next call.
struct HandlerAnswer {
  std::string_view json;
};

// An HTTP entry ran to its end; the response is in `current_exchange()`.
struct HttpDone {};

using CallResult = std::variant<HandlerAnswer, HttpDone, base::Failure>;

class Application {
 public:
  // Runs `entry` at global scope and makes its dispatcher. `library` is the folder of our PHP
  // files.
  std::optional<base::Failure> boot(const lambda::Entry& entry, const std::string& library);

  wire::Serves serves() const { return serves_; }

  // Calls the handler, or the HTTP entry, for the event that is open (request.h). An exit or a
  // fatal error of the user's code is a Failure, but under HTTP, where exit just ends the response.
  CallResult call_handler(const base::Invocation& invocation);
  CallResult call_http(const base::Invocation& invocation);

  // User callbacks of Phork\onFork and Phork\onSeal.
  void run_fork_hooks() { call_hook("runforkhooks"); }

  void run_seal_hooks() { call_hook("runsealhooks"); }

 private:
  std::optional<base::Failure> make_dispatcher(zval* boot_library, zval* entry,
                                               const std::string& function);
  void call_hook(const char* name);

  zval dispatcher_{};
  zend_function* serve_event_ = nullptr;
  zend_function* serve_http_ = nullptr;
  wire::Serves serves_ = wire::Serves::kEvents;
  zval result_{};  // of the last call; HandlerAnswer borrows from it
};

}  // namespace phork::sapi
