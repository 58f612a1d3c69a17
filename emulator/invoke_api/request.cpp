// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <simdjson.h>

#include "emulator/event/json_text.h"
#include "emulator/http/site_guard.h"
#include "emulator/invoke_api/function_name.h"
#include "emulator/runtime_api/server.h"
#include "runtime/base/base64.h"
#include "runtime/base/json_writer.h"
#include "runtime/base/text.h"
#include "runtime/http/percent.h"

namespace phork::emulator {
namespace {

using enum InvokeError;

struct Wording {
  InvokeError error;
  int status;
  const char* type;
  const char* message_key;  // "message" or "Message", as in the model of each error
};

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

constexpr std::string_view kBufferedApi = "/2015-03-31/";
constexpr std::string_view kStreamedApi = "/2021-11-15/";
constexpr std::size_t kMaxClientContextBytes = 3583;  // in base64
constexpr std::size_t kMaxTenantBytes = 256;

// A request and the parts that were read from it so far.
struct Reading {
  HttpRequest& request;
  const FunctionConfig& config;
  InvokeRequest asked{};
  std::string function{};  // as the path names it
};

// The result of a step: a refusal, or nullopt to continue with the next step.
using Refusal = std::optional<HttpReply>;

bool is_json_object(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(text).is_object();
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto fits = [](char form, char byte) {
    if (form == '-') return byte == '-';
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
  };
  return text.size() == kForm.size() && std::equal(kForm.begin(), kForm.end(), text.begin(), fits);
}

// /VERSION/functions/NAME/CALL; each version has one call.
Refusal read_path(Reading& reading) {
  std::string_view path = reading.request.raw_path();
  reading.asked.streamed = path.starts_with(kStreamedApi);
  path.remove_prefix(kBufferedApi.size());
  constexpr std::string_view kFunctions = "functions/";
  const std::string_view call =
      reading.asked.streamed ? "/response-streaming-invocations" : "/invocations";
  const bool known = path.starts_with(kFunctions) && path.ends_with(call) &&
                     path.size() > kFunctions.size() + call.size();
  if (known) path = path.substr(kFunctions.size(), path.size() - kFunctions.size() - call.size());
  if (!known || path.find('/') != std::string_view::npos) {
    return invoke_error(InvokeError::kUnknownOperation,
                        "phork has no other calls of the Lambda API than Invoke and "
                        "InvokeWithResponseStream");
  }
  if (reading.request.method != "POST") {
    HttpReply reply = invoke_error(InvokeError::kMethodNotAllowed, "expected POST");
    reply.headers.push_back({"Allow", "POST"});
    return reply;
  }
  reading.function = http::percent_decode(path);
  return std::nullopt;
}

// The ARN that a function of that name would have.
std::string arn_of(const FunctionConfig& config, const FunctionName& named) {
  std::string arn = config.arn();
  arn.resize(arn.rfind(':') + 1);
  return arn.append(named.name);
}

HttpReply not_found(const Reading& reading, const FunctionName& named,
                    const std::string& qualifier) {
  std::string asked = reading.function;
  if (named.account.empty()) asked = arn_of(reading.config, named);
  if (!qualifier.empty() && !asked.ends_with(":" + qualifier)) asked += ":" + qualifier;
  return invoke_error(InvokeError::kNotFound, "Function not found: " + asked);
}

Refusal read_function(Reading& reading) {
  const std::optional<FunctionName> named = parse_function_name(reading.function);
  if (!named) {
    return validation_error(reading.function, "functionName",
                            "be NAME, ACCOUNT:function:NAME or an ARN, with :QUALIFIER or not");
  }
  std::string qualifier =
      http::percent_decode(find_parameter(reading.request.query(), "Qualifier").value_or(""), true);
  if (!qualifier.empty() && !is_qualifier(qualifier)) {
    return validation_error(qualifier, "qualifier",
                            "satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)");
  }
  if (!qualifier.empty() && !named->qualifier.empty() && qualifier != named->qualifier) {
    return invoke_error(
        InvokeError::kInvalidParameter,
        "The derived qualifier from the function name does not match the specified qualifier.");
  }
  if (qualifier.empty()) qualifier = named->qualifier;
  const std::string arn = reading.config.arn();
  const std::optional<FunctionName> own = parse_function_name(arn);
  const auto differs = [](std::string_view asked, std::string_view there) {
    return !asked.empty() && asked != there;
  };
  if (!own || named->name != own->name || differs(named->region, own->region) ||
      differs(named->account, own->account) || differs(qualifier, kLatest)) {
    return not_found(reading, *named, qualifier);
  }
  if (!qualifier.empty()) reading.asked.event.function_arn = arn + ":" + qualifier;
  return std::nullopt;
}

Refusal read_type(Reading& reading) {
  const std::string_view type = reading.request.header("x-amz-invocation-type");
  if (type.empty() || type == "RequestResponse") return std::nullopt;
  if (type == "DryRun") {
    reading.asked.type = InvocationType::kDryRun;
    return std::nullopt;
  }
  if (type == "Event" && !reading.asked.streamed) {
    reading.asked.type = InvocationType::kEvent;
    return std::nullopt;
  }
  return validation_error(type, "invocationType",
                          reading.asked.streamed
                              ? "satisfy enum value set: [RequestResponse, DryRun]"
                              : "satisfy enum value set: [Event, RequestResponse, DryRun]");
}

// Only who waits for the answer can have it.
Refusal read_log_type(Reading& reading) {
  const std::string_view type = reading.request.header("x-amz-log-type");
  if (!type.empty() && type != "None" && type != "Tail") {
    return validation_error(type, "logType", "satisfy enum value set: [None, Tail]");
  }
  reading.asked.log_tail = type == "Tail" && reading.asked.type == InvocationType::kRequestResponse;
  return std::nullopt;
}

Refusal read_ids(Reading& reading) {
  const std::string_view id = reading.request.header("x-amzn-requestid");
  if (!id.empty() && !is_uuid(id)) {
    return validation_error(id, "requestId", "be a UUID");
  }
  Event& event = reading.asked.event;
  event.request_id = id.empty() ? make_uuid() : std::string(id);
  const std::string_view trace = reading.request.header("x-amzn-trace-id");
  event.trace_id =
      trace.find("Root=") == std::string_view::npos ? make_trace_id() : std::string(trace);
  return std::nullopt;
}

// Lambda passes a client context only to synchronous events.
Refusal read_client_context(Reading& reading) {
  const std::string_view encoded = reading.request.header("x-amz-client-context");
  if (encoded.empty()) return std::nullopt;
  if (encoded.size() > kMaxClientContextBytes) {
    return invoke_error(InvokeError::kInvalidContent,
                        "Client context must be no more than 3583 bytes when Base64-encoded.");
  }
  base::Result<std::string> decoded = base::decode_base64(encoded, "client context");
  if (!decoded || !is_json_object(decoded.value())) {
    return invoke_error(InvokeError::kInvalidContent,
                        "Client context must be a valid Base64-encoded JSON object.");
  }
  if (reading.asked.type == InvocationType::kRequestResponse) {
    reading.asked.event.client_context = std::move(decoded).value();
  }
  return std::nullopt;
}

Refusal read_tenant(Reading& reading) {
  const std::string_view tenant = reading.request.header("x-amz-tenant-id");
  const auto allowed = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           std::string_view("._:/=+-@ ").find(byte) != std::string_view::npos;
  };
  if (tenant.size() > kMaxTenantBytes || !std::ranges::all_of(tenant, allowed)) {
    return validation_error(tenant, "tenantId",
                            R"(satisfy regular expression pattern: [a-zA-Z0-9\._:\/=+\-@ ]+)");
  }
  reading.asked.event.tenant_id = tenant;
  return std::nullopt;
}

// SDKs send application/octet-stream or nothing, curl a form unless told otherwise: refuse types
// that name another format. A page may send forms, and nothing, to servers that never agreed to it;
// curl's form is told from a page's by the headers that every browser adds.
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
Refusal check_content_type(Reading& reading) {
  const std::string_view stated = reading.request.header("content-type");
  const std::string type = base::lower_case(base::trim(stated.substr(0, stated.find(';'))));
  const bool safelisted = type.empty() || type == "application/x-www-form-urlencoded";
  const bool usual = type == "application/octet-stream" || type == "binary/octet-stream" ||
                     (safelisted && !is_sent_by_page(reading.request));
  const bool json = type.ends_with("/json") || type.ends_with("+json") ||
                    type.starts_with("application/x-amz-json-");
  if (usual || json) return std::nullopt;
  return invoke_error(InvokeError::kUnsupportedMedia,
                      "Unsupported content type, expected application/json");
}

Refusal read_event(Reading& reading) {
  HttpRequest& request = reading.request;
  const std::size_t limit =
      reading.asked.type == InvocationType::kEvent ? kMaxAsyncEventBytes : kMaxEventBytes;
  if (request.body_too_large || request.body.size() > limit) {
    return invoke_error(InvokeError::kTooLarge, "Request must be smaller than " +
                                                    std::to_string(limit) +
                                                    " bytes for the InvokeFunction operation");
  }
  if (request.body_truncated) {
    return invoke_error(InvokeError::kInvalidContent, "the body of the request was cut off");
  }
  // An absent payload means an empty object.
  if (request.body.empty()) request.body = "{}";
  if (!json_fault(request.body).empty()) {
    return invoke_error(InvokeError::kInvalidContent,
                        "Could not parse request body into json: expected one JSON value");
  }
  reading.asked.event.payload = std::move(request.body);
  return std::nullopt;
}

constexpr std::array kSteps{read_path,           read_function,      read_type,
                            read_log_type,       read_ids,           read_tenant,
                            read_client_context, check_content_type, read_event};

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

bool is_invoke_path(std::string_view path) {
  return path.starts_with(kBufferedApi) || path.starts_with(kStreamedApi);
}

InvokeOrRefusal read_invoke(HttpRequest request, const FunctionConfig& config) {
  Reading reading{.request = request, .config = config};
  for (const auto step : kSteps) {
    if (Refusal refusal = step(reading)) return std::move(*refusal);
  }
  return std::move(reading.asked);
}

}  // namespace phork::emulator
