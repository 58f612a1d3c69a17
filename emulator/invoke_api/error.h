// SPDX-License-Identifier: MIT
//
// The errors of the Invoke API, as Lambda words them and as SDKs tell them apart: a status, the
// name in X-Amzn-ErrorType, and a body that explains. Pure.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/http/message.h"

namespace phork::emulator {

enum class InvokeError : std::uint8_t {
  kInvalidContent,    // the body is not JSON, or the client context not what it should be
  kInvalidParameter,  // parameters that do not go together
  kValidation,        // a parameter that is none of those allowed
  kTooLarge,
  kUnsupportedMedia,
  kNotFound,
  kTooMany,
  kService,           // the function cannot be served, through no fault of the caller
  kUnknownOperation,  // no call of the API is at this path
  kMethodNotAllowed,
};

HttpReply invoke_error(InvokeError error, std::string_view message);

// "1 validation error detected: Value '<value>' at '<parameter>' failed to satisfy constraint:
// Member must <constraint>"
HttpReply validation_error(std::string_view value, std::string_view parameter,
                           std::string_view constraint);

}  // namespace phork::emulator
