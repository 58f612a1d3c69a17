// SPDX-License-Identifier: MIT
//
// Where the entry stands, as CGI variables name it; and HTTP events turned into what the
// application is called with. Used where this process reads events itself: strategy inprocess and
// the rehearsal.
#pragma once

#include "php-worker/sapi/event_run.h"
#include "runtime/base/result.h"
#include "runtime/http/cgi_variables.h"
#include "runtime/http/event_reader.h"
#include "runtime/lambda/handler_path.h"

namespace phork::sapi {

struct Site {
  lambda::Entry entry;
  std::string document_root;
};

// From _HANDLER and LAMBDA_TASK_ROOT. Errors list the paths that were tried.
base::Result<Site> find_site();

// The variables of `request` for this site. The input's body is `request.body`.
HttpInput make_http_input(const Site& site, const http::Request& request,
                          const base::Invocation& invocation);

}  // namespace phork::sapi
