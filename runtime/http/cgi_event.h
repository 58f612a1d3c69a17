// SPDX-License-Identifier: MIT
//
// An HTTP event as PHP is called with it: php-worker makes it of an event or of a rehearsal's
// request, and strategy fpm sends it to php-fpm. Any thread.
//
// The variables are those that php-fpm gets from nginx with its stock `fastcgi_params` and
// snippets/fastcgi-php.conf of Debian
// (https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html), so that an application sees on
// Lambda what it sees on a server:
//
// - SCRIPT_NAME and DOCUMENT_URI are the script's (script_routing.h says which one a request runs),
//   PATH_INFO is the rest of the path behind it and usually empty, the whole path is in
//   REQUEST_URI. PHP itself makes PHP_SELF.
// - Every header is HTTP_*, but as with nginx a name that holds anything but letters, digits and
//   '-' is ignored: `X_Forwarded_For` would become the same variable as `X-Forwarded-For`. `Proxy`
//   never gets through (https://httpoxy.org). Repeated headers are joined.
// - TLS ends at the gateway: HTTPS is "on" unless X-Forwarded-Proto says http. REMOTE_ADDR is
//   the client; its port is unknown and therefore "0". REMOTE_USER is the user of Basic
//   credentials.
// - Two are Lambda's: LAMBDA_REQUEST_CONTEXT and LAMBDA_INVOCATION_CONTEXT, both JSON.
// - One is ours, and only where it has anything to say: kRequestDetails.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/event/invocation.h"
#include "runtime/http/message.h"
#include "runtime/http/script_routing.h"

namespace phork::http {

// JSON for the PSR-7 request that our PHP library makes (php-worker/src/Psr): the values of
// repeated headers, which a variable joins, and the path parameters. PHP registers no variable
// whose name begins with '[', so the application does not see it.
inline constexpr const char* kRequestDetails = "[phork-request]";

struct CgiEvent {
  EventShape shape = EventShape::kApiGatewayV2;
  std::vector<event::NameValue> variables;
  std::string body;
};

// Errors are those of read_event(); for a script they add that it is one, since a handler without
// its `return` is taken for a script.
base::Result<CgiEvent> read_cgi_event(const event::Invocation& invocation,
                                      const ScriptRouting& routing, base::EntryKind kind);

// The answer to `{"warmer": true}`, which schedules of Bref send to keep HTTP functions warm; none
// to any other event. Takes 10 ms, so that several that are sent at once reach environments of
// their own. https://bref.sh/docs/runtimes/http#cold-starts
std::optional<std::string_view> answer_warmer(std::string_view event);

// Borrowed for the call.
struct CgiEnvironment {
  const ScriptRouting& routing;
  base::EntryKind kind;
  std::string_view lambda_context_json;
};

// Cannot fail.
std::vector<event::NameValue> cgi_variables(const Request& request,
                                            const CgiEnvironment& environment);

// Lambda's facts about an event beside the event itself, as JSON for LAMBDA_INVOCATION_CONTEXT. The
// keys are those that applications on Lambda already read there.
std::string invocation_context_json(const event::Invocation& invocation);

}  // namespace phork::http
