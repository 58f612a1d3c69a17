// SPDX-License-Identifier: MIT
//
// A request becomes the variables that php-fpm gets from nginx with its stock `fastcgi_params` and
// snippets/fastcgi-php.conf of Debian
// (https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html), so that an application sees on
// Lambda what it sees at home. Pure; any thread; cannot fail.
//
// - SCRIPT_NAME and DOCUMENT_URI are the script's (site.h says which one a request runs), PATH_INFO
//   is what follows it in the path and mostly empty, the whole path is in REQUEST_URI. PHP_SELF is
//   PHP's to make.
// - Every header is HTTP_*, but as with nginx a name that holds anything but letters, digits and
//   '-' is ignored: `X_Forwarded_For` would become the same variable as `X-Forwarded-For`. `Proxy`
//   never gets through (https://httpoxy.org). Repeated headers are joined.
// - TLS ends at the front door: HTTPS is "on" unless X-Forwarded-Proto says http. REMOTE_ADDR is
//   the client; its port is unknown and therefore "0". REMOTE_USER is the user of Basic
//   credentials.
// - Two are Lambda's: LAMBDA_REQUEST_CONTEXT and LAMBDA_INVOCATION_CONTEXT, both JSON.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"
#include "runtime/http/message.h"
#include "runtime/http/site.h"

namespace phork::http {

// Borrowed for the call.
struct CgiEnvironment {
  const Site& site;
  event::EntryKind kind;
  std::string_view lambda_context_json;
};

std::vector<event::NameValue> cgi_variables(const Request& request,
                                            const CgiEnvironment& environment);

}  // namespace phork::http
