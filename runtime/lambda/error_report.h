// SPDX-License-Identifier: MIT
//
// A Failure in the two forms `/error` and `/init/error` take: the header that the platform counts
// by, and the JSON that the caller gets byte for byte. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/invocation.h"

namespace phork::lambda {

// The value of Lambda-Runtime-Function-Error-Type. The platform takes (Runtime|Function)\.[A-Z]\w+
// and rewrites anything else to "Function.Unknown", so a class becomes "Function." and its name
// without namespaces: `App\Shop\SoldOut` is "Function.SoldOut".
std::string error_type_header(std::string_view type);

// {"errorMessage","errorType","stackTrace"} with the true type, at most kMaxErrorBytes long: the
// stack trace is cut first, at a whole frame, then message and type, at a whole character.
std::string error_body(const base::Failure& failure);

}  // namespace phork::lambda
