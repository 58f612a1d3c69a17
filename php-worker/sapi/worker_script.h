// SPDX-License-Identifier: MIT
//
// Worker scripts as FrankenPHP has them: a script that asks for each request by calling
// frankenphp_handle_request(). php-worker/src/Bridge/FrankenPhp runs it in a Fiber; here is what
// PHP code cannot do for it. PHP's one thread.
// https://frankenphp.dev/docs/worker/
#pragma once

namespace phork::sapi {

// Declares frankenphp_handle_request() and its like, and what they need of us. May bail out.
void declare_worker_functions();

// For the next request: true when this process serves no other, so that the script's next call
// gets false.
void announce_last_request(bool is_last);

// In a process that is put back after each request, no request is the last one.
void loop_in_copies();

// The script has returned, or a request ended it by exit() or an error: as under FrankenPHP, only
// a new boot serves another request.
bool has_script_ended();

}  // namespace phork::sapi
