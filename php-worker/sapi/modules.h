// SPDX-License-Identifier: MIT
//
// PHP's extensions by name: whether one is loaded, and what it does at the beginning and the end of
// PHP's request. PHP's one thread; the calls may bail out (bailout.h).
#pragma once

namespace phork::sapi {

bool has_module(const char* name);

// Nothing where there is no such extension, or it has nothing to do.
void start_module_request(const char* name);
void end_module_request(const char* name);

}  // namespace phork::sapi
