// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/protocol.h"

#include <algorithm>
#include <utility>

#include "runtime/http/percent.h"

namespace phork::emulator {
namespace {

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";

HttpReply json_reply(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

std::string too_large_message(std::size_t limit) {
  return "Response payload size exceeded maximum allowed payload size (" + std::to_string(limit) +
         " bytes).";
}

}  // namespace

HttpReply refusal(int status, std::string_view type, std::string_view message) {
  return json_reply(status, error_json(type, message));
}

HttpReply accepted() {
  return json_reply(202, "{\"status\":\"OK\"}\n");
}

HttpReply illegal_transition(RuntimeState state) {
  const std::string message =
      "State transition is not allowed from " + std::string(state_name(state));
  return refusal(403, "InvalidStateTransition", message);
}

// So few paths do not need a router.
std::optional<Route> find_route(std::string_view path) {
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  if (path == "invocation/next") return Route{RuntimeCall::kNext, {}, "GET"};
  if (path == "init/error") return Route{RuntimeCall::kInitError, {}, "POST"};
  if (path == "restore/next") return Route{RuntimeCall::kRestoreNext, {}, "GET"};
  if (path == "restore/error") return Route{RuntimeCall::kRestoreError, {}, "POST"};
  constexpr std::string_view kInvocation = "invocation/";
  if (!path.starts_with(kInvocation)) return std::nullopt;
  path.remove_prefix(kInvocation.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view action = path.substr(slash + 1);
  std::string id = http::percent_decode(path.substr(0, slash));
  if (action == "response") return Route{RuntimeCall::kResponse, std::move(id), "POST"};
  if (action == "error") return Route{RuntimeCall::kError, std::move(id), "POST"};
  return std::nullopt;
}

std::string_view response_mode(const HttpRequest& request) {
  return request.header("lambda-runtime-function-response-mode");
}

bool is_streaming(const HttpRequest& request) {
  return response_mode(request) == "streaming";
}

std::string_view invocation_id(const HttpRequest& request) {
  return request.header("lambda-runtime-invocation-id");
}

std::string valid_error_type(std::string_view type) {
  const bool runtime = type.starts_with("Runtime.");
  const std::size_t dot = type.find('.');
  if (runtime || type.starts_with("Function.")) {
    const std::string_view name = type.substr(dot + 1);
    const auto is_word = [](char byte) {
      return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
             (byte >= '0' && byte <= '9');
    };
    const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    if (capital && std::ranges::all_of(name, is_word)) return std::string(type);
  }
  return runtime ? "Runtime.Unknown" : "Function.Unknown";
}

HttpReply invalid_request_id() {
  return refusal(400, "InvalidRequestID", "Invalid request ID");
}

HttpReply truncated_request() {
  return refusal(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");
}

EventResult too_large_result(std::size_t limit) {
  constexpr std::string_view kType = "Function.ResponseSizeTooLarge";
  return {.ending = Ending::kFailed,
          .body = error_json(kType, too_large_message(limit)),
          .error_type = std::string(kType),
          .content_type = "application/json"};
}

HttpReply too_large_reply(std::size_t limit) {
  return refusal(413, "RequestEntityTooLarge", too_large_message(limit));
}

EventResult truncated_result(std::string_view request_id) {
  return platform_error(Ending::kFailed, request_id, "Runtime.TruncatedResponse",
                        "the body of the response was cut off");
}

HttpReply event_reply(const Event& event, std::int64_t deadline_ms,
                      const std::string& function_arn) {
  HttpReply reply;
  reply.headers = {
      {"Content-Type", "application/json"},
      {"Lambda-Runtime-Aws-Request-Id", event.request_id},
      {"Lambda-Runtime-Invocation-Id", event.invocation_id},
      {"Lambda-Runtime-Deadline-Ms", std::to_string(deadline_ms)},
      {"Lambda-Runtime-Invoked-Function-Arn",
       event.function_arn.empty() ? function_arn : event.function_arn},
      {"Lambda-Runtime-Trace-Id", event.trace_id},
  };
  const auto add = [&reply](const char* name, const std::string& value) {
    if (!value.empty()) reply.headers.push_back({name, value});
  };
  add("Lambda-Runtime-Client-Context", event.client_context);
  add("Lambda-Runtime-Cognito-Identity", event.cognito_identity);
  add("Lambda-Runtime-Aws-Tenant-Id", event.tenant_id);
  reply.body = event.payload;
  return reply;
}

}  // namespace phork::emulator
