// SPDX-License-Identifier: MIT
#include "runtime/http/cgi_event.h"

#include <utility>

#include "runtime/http/cgi_variables.h"
#include "runtime/http/event_reader.h"
#include "runtime/http/invocation_context.h"

namespace phork::http {

base::Result<CgiEvent> read_cgi_event(const event::Invocation& invocation, const Site& site,
                                      event::EntryKind kind) {
  auto event = read_event(invocation.event, invocation.event.capacity());
  if (!event) {
    base::Error error = std::move(event).error();
    if (kind == event::EntryKind::kScript) {
      error.text += "; the entry is taken for a script, as its file returns nothing to call";
    }
    return error;
  }
  const std::string context = invocation_context_json(invocation);
  return CgiEvent{event->shape, cgi_variables(event->request, {site, kind, context}),
                  std::move(event->request.body)};
}

}  // namespace phork::http
