// SPDX-License-Identifier: MIT
//
// One run of user code as PHP's SAPI sees it: the request that the callbacks read, and the response
// that they collect or stream. "Server context" is PHP's name for it (SG(server_context)).
//
// The SAPI is a C interface whose callbacks take no context argument, so there is one context per
// process, in `current_context()`. It is replaced between events, never during one. PHP's one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// Where `echo` goes.
enum class OutputTo : std::uint8_t {
  kLog,       // standard error, while booting
  kStdout,    // a handler's output is log text
  kResponse,  // an HTTP entry's output is the body
  kNowhere,   // in a rehearsal, or after the response was finished
};

// A fatal error as PHP reported it.
struct FatalError {
  std::string message;
  std::string file;
  std::uint32_t line = 0;
};

// Takes the pieces of a streamed response.
class ResponseSink : private base::Pinned {
 public:
  ResponseSink() = default;
  virtual ~ResponseSink() = default;

  // Both return false when the caller takes no more. `status` 0 means that the bytes are not an
  // HTTP response.
  virtual bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
                     std::string_view bytes) = 0;
  virtual bool write(std::string_view bytes) = 0;
};

struct ServerContext {
  // The request: CGI variables in the order in which they become `$_SERVER`, and the body that
  // read_post reads.
  std::vector<event::NameValue> variables;
  std::string_view body;
  std::size_t body_read = 0;

  // The response, complete once `finished`.
  std::vector<event::NameValue> headers;
  std::string response_body;
  // Takes the response while it is being made; null when it is kept until it is complete.
  ResponseSink* sink = nullptr;
  // Called once by fastcgi_finish_request(), when the response is complete before PHP is.
  std::function<void(ServerContext&)> on_finished;

  // The work of another process that this one waited for when its deadline came near; messages have
  // it in place of a line of PHP's code.
  std::string waited;

  // The last error of a fatal kind. It ended the run only if PHP also bailed out.
  FatalError fatal;

  std::uint16_t status = 200;
  OutputTo output = OutputTo::kLog;
  bool finished = false;
  bool stream_begun = false;  // a part of the response has left
  bool caller_gone = false;   // and the rest would reach nobody
  bool timed_out = false;     // PHP was interrupted because its deadline was near
  bool has_fatal = false;

  // The value of a CGI variable, "" when absent.
  const char* variable(std::string_view name) const;
};

ServerContext& current_context();

// The path of the application's entry. `$_SERVER` has it as its script while the application boots
// and in events that are not requests, as under php-fpm. Call it before PHP starts.
void set_entry_script(std::string path);
const std::string& entry_script();

// To be called when an event begins, in the process that serves it.
void note_copies();
// True in a copy of that process, which PHP code forked: the copy must not answer for the event.
bool is_copy();

// When PHORK_RESPONSE is `stream`, the response leaves in pieces while PHP makes it: when PHP
// flushes, or when a piece is full. Without a sink the functions below keep the response.

// Takes output from PHP. When the caller has gone, ends PHP's code as php-fpm does (does not
// return), unless the code asked to go on with ignore_user_abort().
void stream_output(std::string_view text);

// Sends what has been collected, or at least the headers. Ends PHP's code like stream_output().
void flush_stream();

// Sends what has been collected and `bytes`. Returns false when the caller has gone; never ends
// PHP's code.
bool send_stream(std::string_view bytes);

}  // namespace phork::sapi
