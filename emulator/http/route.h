// SPDX-License-Identifier: MIT
//
// A part of the front's paths that is not the function's: the Invoke API, the page about the
// emulator itself. Called on the connections' threads, several at a time.
#pragma once

#include <cstddef>

#include "emulator/http/connection.h"
#include "emulator/http/message.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class FrontRoute : private base::Pinned {
 public:
  FrontRoute() = default;
  virtual ~FrontRoute() = default;

  // Whether requests with this head are for it.
  virtual bool takes(const HttpRequest& head) const = 0;
  // The most bytes of body that it wants; of more, HttpRequest::body_too_large tells.
  virtual std::size_t body_limit() const = 0;
  // Sends exactly one reply before it returns.
  virtual void handle(HttpRequest request, HttpConnection& connection) = 0;
};

}  // namespace phork::emulator
