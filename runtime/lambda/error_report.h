// SPDX-License-Identifier: MIT
//
// A Failure in the forms that the Runtime API takes: for `/error` and `/init/error` the header that
// the platform counts by and the JSON that the caller gets byte for byte, and both as trailers for
// an answer that fails when a part of it has left. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
#pragma once

#include <string>
#include <string_view>

#include "runtime/event/invocation.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {

// The value of Lambda-Runtime-Function-Error-Type. The platform takes (Runtime|Function)\.[A-Z]\w+
// and rewrites anything else to "Function.Unknown", so a class becomes "Function." and its name
// without namespaces: `App\Shop\SoldOut` is "Function.SoldOut".
std::string error_type_header(std::string_view type);

// {"errorMessage","errorType","stackTrace"} with the true type, at most `limit` bytes long: the
// stack trace is cut first, at a whole frame, then message and type, at a whole character.
std::string error_body(const event::Failure& failure, std::size_t limit = kMaxErrorBytes);

inline constexpr const char* kErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";
inline constexpr const char* kErrorBodyHeader = "Lambda-Runtime-Function-Error-Body";

// The lines of both trailers: the type as above, the body in base64. With the line end behind them
// at most kMaxTrailerBytes, so that the body is cut far earlier.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
std::string error_trailers(const event::Failure& failure);

}  // namespace phork::lambda
