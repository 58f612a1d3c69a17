// SPDX-License-Identifier: MIT
//
// The user's application after boot. PHP runs user code only through this object, which lives until
// the process ends.
//
// A handler's file runs once, at boot, and our PHP library makes a dispatcher for what it returned
// (php-worker/src/Worker/Dispatcher.php). A console's runs for each command (command.h). A worker
// script runs at boot up to its first call that asks for a request (worker_script.h). A script runs
// for each event; at boot only the file that PHORK_PREBOOT names has run, and no object of our
// library exists.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/php.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// A handler's result as JSON text, borrowed until the next call.
struct HandlerAnswer {
  std::string_view json;
};

// An HTTP entry ran to its end; the response is in `current_context()`.
struct HttpDone {};

// A handler's result was streamed; the rest of it is still in `current_context()`.
struct StreamDone {};

using CallResult = std::variant<HandlerAnswer, HttpDone, StreamDone, event::Failure>;

enum class Serves : std::uint8_t {
  kEvents,
  kHttp,     // the entry, whatever the request's path
  kScripts,  // the file that the request's path leads to
};

class Application {
 public:
  // Runs the boot at global scope. `library` is the folder of our PHP files. Call it again when
  // PHP's request has been reopened (engine.h).
  std::optional<event::Failure> boot(const EntryPoint& entry, const std::string& library);

  Serves serves() const { return serves_; }

  bool is_script() const { return serves_ == Serves::kScripts; }

  // Calls the handler, or the HTTP entry, for the open event (request.h). An exit() or a fatal
  // error of the user's code is a Failure, with two exceptions: under HTTP, exit() just ends the
  // response, and in a script PHP itself makes the response to an error.
  CallResult call_handler(const event::Invocation& invocation);
  CallResult call_http(const event::Invocation& invocation);

  // For `phork audit`: records the state that the open event finds, where PHORK_AUDIT_RECORD asks
  // for it.
  void record_state();

  // Run the callbacks of Phork\onFork, Phork\onSeal and so on; return the failure of the first one
  // that fails, or log it. Those of an event run in its process, around run_handler() and the like.
  std::optional<event::Failure> run_before_hooks(const event::Invocation& invocation);
  void run_after_hooks(const event::Invocation& invocation, bool failed);
  std::optional<event::Failure> run_fork_hooks();
  std::optional<event::Failure> run_seal_hooks();
  std::optional<event::Failure> run_snapshot_hooks();
  std::optional<event::Failure> run_restore_hooks();
  void run_shutdown_hooks();

  bool has_after_hooks() const { return has_after_hooks_; }

  bool has_fork_hooks() const { return has_fork_hooks_; }

  // Known after run_snapshot_hooks().
  bool has_restore_hooks() const { return has_restore_hooks_; }

 private:
  std::optional<event::Failure> make_dispatcher(zval* returned, const EntryPoint& entry);
  std::optional<event::Failure> load_recorder();
  std::optional<event::Failure> ask_what_it_serves();
  std::optional<event::Failure> find_hooks_of_script();
  // `on` is the function that registers them: "Phork\onFork".
  bool has_hooks(const char* on);
  std::optional<event::Failure> run_hooks(const char* on);
  std::optional<event::Failure> run_boot_hooks();
  std::optional<event::Failure> call_hooks(const char* method, const char* on,
                                           std::span<zval> arguments);

  zval dispatcher_{};  // of a script: the object that calls its hooks, if there are any
  zend_function* serve_event_ = nullptr;
  zend_function* serve_http_ = nullptr;
  Serves serves_ = Serves::kEvents;
  std::string record_file_;        // PHORK_AUDIT_RECORD
  bool has_before_hooks_ = false;  // known after boot, as all that follows an event's end
  bool has_after_hooks_ = false;
  bool has_fork_hooks_ = false;  // known after the seal's hooks have run
  bool has_restore_hooks_ = false;
  zval result_{};  // of the last call; HandlerAnswer borrows from it
};

}  // namespace phork::sapi
