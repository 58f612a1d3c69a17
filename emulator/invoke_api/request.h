// SPDX-License-Identifier: MIT
//
// What a request to the Invoke API asks for, or the reply that refuses it as Lambda would: path,
// name of the function, parameters in the query and in headers, and the event itself. Signatures
// are neither asked for nor looked at. Pure but for the ids and the trace that it makes up where
// the caller brings none.
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

// Of an event that nobody waits for. Lambda took 256 kB until October 2025.
inline constexpr std::size_t kMaxAsyncEventBytes = std::size_t{1} << 20;

// The only version of a function that there is here.
inline constexpr std::string_view kLatest = "$LATEST";

enum class InvocationType : std::uint8_t { kRequestResponse, kEvent, kDryRun };

struct InvokeRequest {
  InvocationType type = InvocationType::kRequestResponse;
  bool streamed = false;  // the answer is wanted as an event stream
  bool log_tail = false;  // with the end of the log
  Event event{};          // with its request id and trace
};

using InvokeOrRefusal = std::variant<InvokeRequest, HttpReply>;

// Whether the path is one of the API's, or would be if it had more calls.
bool is_invoke_path(std::string_view path);

InvokeOrRefusal read_invoke(HttpRequest request, const FunctionConfig& config);

}  // namespace phork::emulator
