// SPDX-License-Identifier: MIT
#include "bench/subjects/echo_runtime.h"

#include "runtime/base/log.h"
#include "runtime/lambda/environment.h"
#include "runtime/lambda/http_runtime_api.h"

namespace phork::bench {

int run_echo_runtime() {
  const auto environment = lambda::read_environment();
  if (!environment) {
    base::log_error(environment.error().text);
    return 1;
  }
  lambda::HttpRuntimeApi api(environment->runtime_api);
  while (true) {
    const auto invocation = api.next();
    if (!invocation || !api.respond(invocation.value(), {invocation->event})) return 0;
  }
}

}  // namespace phork::bench
