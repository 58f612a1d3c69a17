// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/error.h"

#include <array>
#include <string>
#include <utility>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

struct Wording {
  InvokeError error;
  int status;
  const char* type;
  const char* message_key;  // Lambda's own models disagree on its first letter
};

using enum InvokeError;

constexpr std::array kWordings{
    Wording{kInvalidContent, 400, "InvalidRequestContentException", "message"},
    Wording{kInvalidParameter, 400, "InvalidParameterValueException", "message"},
    Wording{kValidation, 400, "ValidationException", "message"},
    Wording{kTooLarge, 413, "RequestTooLargeException", "message"},
    Wording{kUnsupportedMedia, 415, "UnsupportedMediaTypeException", "message"},
    Wording{kNotFound, 404, "ResourceNotFoundException", "Message"},
    Wording{kTooMany, 429, "TooManyRequestsException", "message"},
    Wording{kService, 500, "ServiceException", "Message"},
    Wording{kUnknownOperation, 404, "UnknownOperationException", "message"},
    Wording{kMethodNotAllowed, 405, "MethodNotAllowedException", "message"},
};

constexpr bool is_ordered() {
  for (std::size_t i = 0; i < kWordings.size(); ++i) {
    if (static_cast<std::size_t>(kWordings[i].error) != i) return false;
  }
  return true;
}

static_assert(is_ordered());

}  // namespace

HttpReply invoke_error(InvokeError error, std::string_view message) {
  const Wording& wording = kWordings[static_cast<std::size_t>(error)];
  base::JsonWriter json;
  json.begin_object().field("Type", wording.status < 500 ? "User" : "Service");
  if (error == kTooMany) json.field("Reason", "ConcurrentInvocationLimitExceeded");
  json.field(wording.message_key, message).end_object();
  return {wording.status,
          {{"Content-Type", "application/json"}, {"X-Amzn-ErrorType", wording.type}},
          std::move(json).text()};
}

HttpReply validation_error(std::string_view value, std::string_view parameter,
                           std::string_view constraint) {
  std::string message = "1 validation error detected: Value '";
  message.append(value).append("' at '").append(parameter);
  message.append("' failed to satisfy constraint: Member must ").append(constraint);
  return invoke_error(InvokeError::kValidation, message);
}

}  // namespace phork::emulator
