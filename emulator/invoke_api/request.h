// SPDX-License-Identifier: MIT
//
// Parses requests to the Invoke API: path, function name, parameters in query and headers, and the
// event. Refuses them with Lambda's errors. Ignores signatures. Pure, except that it generates the
// ids and the trace that the caller does not send.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
// https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/http/message.h"

namespace phork::emulator {

// The errors of the Invoke API. SDKs tell them apart by status and X-Amzn-ErrorType.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
enum class InvokeError : std::uint8_t {
  kInvalidContent,    // the body is not JSON, or the client context is invalid
  kInvalidParameter,  // parameters that contradict one another
  kValidation,        // a parameter with a value that is not allowed
  kTooLarge,
  kUnsupportedMedia,
  kNotFound,
  kTooMany,
  kService,           // the emulator cannot serve the function
  kUnknownOperation,  // the API has no call at this path
  kMethodNotAllowed,
};

HttpReply invoke_error(InvokeError error, std::string_view message);

// "1 validation error detected: Value '<value>' at '<parameter>' failed to satisfy constraint:
// Member must <constraint>"
HttpReply validation_error(std::string_view value, std::string_view parameter,
                           std::string_view constraint);

// The limit of an asynchronous event; 256 kB until October 2025.
inline constexpr std::size_t kMaxAsyncEventBytes = std::size_t{1} << 20;

// The only version of a function that the emulator knows.
inline constexpr std::string_view kLatest = "$LATEST";

enum class InvocationType : std::uint8_t { kRequestResponse, kEvent, kDryRun };

struct InvokeRequest {
  InvocationType type = InvocationType::kRequestResponse;
  bool streamed = false;  // reply with an event stream
  bool log_tail = false;  // reply with the end of the log
  Event event{};          // with its request id and trace
};

using InvokeOrRefusal = std::variant<InvokeRequest, HttpReply>;

// True if the path belongs to Lambda's API, implemented here or not.
bool is_invoke_path(std::string_view path);

InvokeOrRefusal read_invoke(HttpRequest request, const FunctionConfig& config);

}  // namespace phork::emulator
