// SPDX-License-Identifier: MIT
//
// The response of the current exchange, leaving while PHP makes it (PHORK_RESPONSE=stream): in
// pieces, when PHP flushes or enough has come together. Works on `current_exchange()`; where that
// has no sink, the response stays until it is whole. PHP's one thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// Whom the pieces go to: the supervisor, or under inprocess the Runtime API.
class ResponseSink : private base::Pinned {
 public:
  ResponseSink() = default;
  virtual ~ResponseSink() = default;

  // Both false when nobody takes more of it. `status` 0: the bytes are no HTTP response.
  virtual bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
                     std::string_view bytes) = 0;
  virtual bool write(std::string_view bytes) = 0;
};

// PHORK_RESPONSE=stream, as this process was started with.
bool answers_are_streamed();

// Takes output of PHP's. When the caller has gone, PHP is ended as php-fpm ends it, unless the code
// asked to go on (ignore_user_abort): then this does not return.
void stream_output(std::string_view text);

// Sends what there is, the headers if nothing else. Ends PHP like stream_output().
void flush_stream();

// The same for `bytes` and what there is, without a word to PHP: false when the caller has gone.
bool send_stream(std::string_view bytes);

}  // namespace phork::sapi
