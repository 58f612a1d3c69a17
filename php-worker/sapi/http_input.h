// SPDX-License-Identifier: MIT
//
// An HTTP request as the application is called with it. Comes from the supervisor as it is here, or
// is made of an event where this process reads events itself: strategy inprocess and the rehearsal.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/site.h"
#include "runtime/base/invocation.h"
#include "runtime/http/message.h"

namespace phork::sapi {

struct HttpInput {
  base::Invocation invocation;
  std::vector<base::NameValue> variables;
  std::string_view body;  // outlives the event
  // Called when the user's code finishes its response early; then the result of run_http is not to
  // be sent again (`current_exchange().finished` was true before it returned).
  std::function<void(Exchange&)> on_finished;
  ResponseSink* sink = nullptr;  // outlives the event; null: the response is kept until it is whole
};

// The variables of `request` for this site. The input's body is `request.body`.
HttpInput make_http_input(const Site& site, const http::Request& request,
                          const base::Invocation& invocation);

}  // namespace phork::sapi
