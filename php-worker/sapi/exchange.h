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

#include "runtime/base/invocation.h"

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
  OutputTo output = OutputTo::kLog;

  // Request: CGI variables in the order they become `$_SERVER`, and the body that read_post reads.
  std::vector<base::NameValue> variables;
  std::string_view body;
  std::size_t body_read = 0;

  // Response, complete once `finished`.
  std::uint16_t status = 200;
  std::vector<base::NameValue> headers;
  std::string response_body;
  bool finished = false;

  // Where the response goes while it is made; null where it is kept until it is whole.
  ResponseSink* sink = nullptr;
  bool stream_begun = false;  // something has left
  bool caller_gone = false;   // and nobody takes the rest

  // Called once by fastcgi_finish_request(), when the response is complete before PHP is.
  std::function<void(Exchange&)> on_finished;

  bool timed_out = false;  // interrupted, its deadline was near

  // The process the event belongs to: a copy that PHP code forked must not answer in its place.
  pid_t owner = 0;

  // The last error of a fatal kind; what it means depends on whether PHP bailed out.
  bool has_fatal = false;
  FatalError fatal;

  // The value of a CGI variable, "" when absent.
  const char* variable(std::string_view name) const;
};

Exchange& current_exchange();

}  // namespace phork::sapi
