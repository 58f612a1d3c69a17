// SPDX-License-Identifier: MIT
//
// The smallest runtime there is: bootstrap's own Runtime API client, and every event as its own
// answer. What an event costs with it is what Lambda's side and the client cost, and no PHP.
#pragma once

namespace phork::bench {

// Serves what AWS_LAMBDA_RUNTIME_API hands out until the API is gone; the exit code.
int run_echo_runtime();

}  // namespace phork::bench
