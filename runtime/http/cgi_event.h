// SPDX-License-Identifier: MIT
//
// An HTTP event as PHP is called with it: what the supervisor sends to a worker or to php-fpm, and
// what strategy inprocess and the rehearsal make of their events themselves. Any thread.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/entry_kind.h"
#include "runtime/event/invocation.h"
#include "runtime/http/message.h"
#include "runtime/http/site.h"

namespace phork::http {

struct CgiEvent {
  EventShape shape = EventShape::kApiGatewayV2;
  std::vector<event::NameValue> variables;
  std::string body;
};

// Errors are those of read_event(); where the entry is a script they say so too, for whoever meant
// a handler and forgot the `return`.
base::Result<CgiEvent> read_cgi_event(const event::Invocation& invocation, const Site& site,
                                      event::EntryKind kind);

}  // namespace phork::http
