// SPDX-License-Identifier: MIT
//
// Serves the events that PHORK_WARMUP names before the first real one, so that autoloading, the
// container, routes and templates are warm in every process forked afterwards. A rehearsal carries
// no user's data: what it leaves behind cannot leak from it. A script is rehearsed in a copy of the
// process, which warms opcache and nothing else.
//
// PHORK_WARMUP is a list separated by `;` or new lines. `GET /path?query` is an HTTP request; all
// else is a JSON file relative to LAMBDA_TASK_ROOT that holds an event.
#pragma once

#include <optional>
#include <string_view>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/site.h"

namespace phork::sapi {

// A rehearsal that cannot be read or that ends PHP with a fatal error is a boot failure: the state
// it leaves is nothing to fork from. One that throws is logged, as the application may need it so.
std::optional<base::Failure> rehearse(Application& application, const Site& site,
                                      std::string_view list);

}  // namespace phork::sapi
