// SPDX-License-Identifier: MIT
#include "php-worker/sapi/http_input.h"

#include "runtime/http/cgi_variables.h"
#include "runtime/http/invocation_context.h"

namespace phork::sapi {

HttpInput make_http_input(const Site& site, const http::Request& request,
                          const base::Invocation& invocation) {
  const std::string context = http::invocation_context_json(invocation);
  HttpInput input;
  input.variables = http::cgi_variables(request, {site.files, context});
  input.body = request.body;
  input.invocation = invocation;
  return input;
}

}  // namespace phork::sapi
