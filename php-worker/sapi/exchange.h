// SPDX-License-Identifier: MIT
//
// What one run of PHP reads and makes: the request that the SAPI callbacks look at and the response
// they collect. PHP's SAPI is a C interface without a context argument, so there is one current
// exchange per process, in `current_exchange()`; it is replaced between events, never during one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::sapi {

// Where `echo` goes.
enum class OutputTo : std::uint8_t {
  kLog,       // standard error while booting
  kStdout,    // a handler's output is log text
  kResponse,  // an HTTP entry's output is the body
  kNowhere,   // a rehearsal, or after the response was finished
};

// A fatal error as PHP reported it.
struct FatalError {
  std::string message;
  std::string file;
  std::uint32_t line = 0;
};

class ResponseSink;  // response_stream.h

struct Exchange {
  // Request: CGI variables in the order they become `$_SERVER`, and the body that read_post reads.
  std::vector<event::NameValue> variables;
  std::string_view body;
  std::size_t body_read = 0;

  // Response, complete once `finished`.
  std::vector<event::NameValue> headers;
  std::string response_body;
  // Where the response goes while it is made; null where it is kept until it is whole.
  ResponseSink* sink = nullptr;
  // Called once by fastcgi_finish_request(), when the response is complete before PHP is.
  std::function<void(Exchange&)> on_finished;

  // The last error of a fatal kind; what it means depends on whether PHP bailed out.
  FatalError fatal;

  // The process the event belongs to: a copy that PHP code forked must not answer in its place.
  pid_t owner = 0;

  std::uint16_t status = 200;
  OutputTo output = OutputTo::kLog;
  bool finished = false;
  bool stream_begun = false;  // something of the response has left
  bool caller_gone = false;   // and nobody takes the rest
  bool timed_out = false;     // interrupted, its deadline was near
  bool has_fatal = false;

  // The value of a CGI variable, "" when absent.
  const char* variable(std::string_view name) const;
};

Exchange& current_exchange();

}  // namespace phork::sapi
