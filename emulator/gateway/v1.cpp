// SPDX-License-Identifier: MIT
#include "emulator/gateway/v1.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "emulator/gateway/answer.h"
#include "emulator/gateway/request.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using event::NameValue;
using simdjson::dom::object;

constexpr std::string_view kStage = "prod";

// The API has neither authorizer nor API key, so nearly all fields are null.
void write_identity(JsonWriter& json, const HttpRequest& request) {
  constexpr std::array<std::string_view, 12> kUnknown = {
      "accessKey",
      "accountId",
      "apiKey",
      "apiKeyId",
      "caller",
      "clientCert",
      "cognitoAuthenticationProvider",
      "cognitoAuthenticationType",
      "cognitoIdentityId",
      "cognitoIdentityPoolId",
      "principalOrgId",
      "user",
  };
  json.key("identity").begin_object();
  for (const std::string_view name : kUnknown) json.key(name).null();
  json.field("sourceIp", request.remote_address);
  json.field("userAgent", request.header("user-agent"));
  json.key("userArn").null().end_object();
}

void write_request_context(JsonWriter& json, const HttpRequest& request,
                           const GatewayContext& context, std::string_view resource) {
  const std::string_view domain = domain_name(request);
  json.key("requestContext").begin_object();
  json.field("accountId", "123456789012").field("apiId", "phork");
  json.field("domainName", domain).field("domainPrefix", domain.substr(0, domain.find('.')));
  json.field("extendedRequestId", context.request_id).field("httpMethod", request.method);
  write_identity(json, request);
  json.field("path", std::string("/").append(kStage).append(request.raw_path()));
  json.field("protocol", protocol(request)).field("requestId", context.request_id);
  json.field("requestTime", common_log_time(context.now));
  json.key("requestTimeEpoch").integer(epoch_milliseconds(context.now));
  json.field("resourceId", "phork").field("resourcePath", resource).field("stage", kStage);
  json.end_object();
}

void write_path_parameters(JsonWriter& json, std::string_view path) {
  json.key("pathParameters");
  if (path == "/") {
    json.null();
  } else {
    json.begin_object().field("proxy", path.substr(1)).end_object();
  }
}

// Either both maps are written or both are null.
void write_query(JsonWriter& json, const Fields& parameters) {
  if (parameters.empty()) {
    json.key("queryStringParameters").null().key("multiValueQueryStringParameters").null();
    return;
  }
  write_last(json.key("queryStringParameters"), parameters);
  write_lists(json.key("multiValueQueryStringParameters"), parameters);
}

bool is_text_type(std::string_view media_type) {
  return is_plain_text_type(media_type) || media_type.ends_with("+json") ||
         media_type.ends_with("+xml") || media_type == "application/x-www-form-urlencoded";
}

// REST APIs refuse an answer with an unknown key, such as `cookies` or `statusDescription`.
bool has_only_known_keys(const object& answer) {
  constexpr std::array<std::string_view, 5> kKnown = {"statusCode", "headers", "multiValueHeaders",
                                                      "body", "isBase64Encoded"};
  return std::all_of(answer.begin(), answer.end(), [&](const simdjson::dom::key_value_pair& field) {
    return std::ranges::find(kKnown, field.key) != kKnown.end();
  });
}

// REST APIs also accept the status as text.
bool read_any_status(const object& answer, HttpReply& reply) {
  std::string_view text;
  if (answer["statusCode"].get(text) != simdjson::SUCCESS) return read_status(answer, reply);
  reply.status = base::parse_number<int>(text).value_or(0);
  return reply.status >= 200 && reply.status <= 599;
}

// Reads the lists first; a header in both maps is sent once.
bool read_merged_headers(const object& answer, Headers& headers) {
  Headers texts;
  if (!read_header_lists(answer, "multiValueHeaders", headers) ||
      !read_header_texts(answer, "headers", texts)) {
    return false;
  }
  add_missing(headers, std::move(texts));
  return true;
}

// Renames the headers that API Gateway sends itself.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
void remap(Headers& headers) {
  constexpr std::array<std::string_view, 5> kOwn = {"authorization", "date", "host", "server",
                                                    "www-authenticate"};
  for (NameValue& header : headers) {
    if (std::ranges::find(kOwn, header.name) == kOwn.end()) continue;
    header.name.insert(0, "x-amzn-remapped-");
  }
}

}  // namespace

std::string make_v1_event(const HttpRequest& request, const GatewayContext& context) {
  const std::string_view path = request.raw_path();
  const std::string_view resource = path == "/" ? "/" : "/{proxy+}";
  const Fields headers = event_headers(request, context, NameCase::kAsSent);
  JsonWriter json;
  json.begin_object().field("resource", resource).field("path", path);
  json.field("httpMethod", request.method);
  write_last(json.key("headers"), headers);
  write_lists(json.key("multiValueHeaders"), headers);
  write_query(json, query_parameters(request.query(), QueryText::kDecoded));
  write_path_parameters(json, path);
  json.key("stageVariables").null();
  write_request_context(json, request, context, resource);
  write_body(json, request, is_text_type(media_type(request)), EmptyBody::kNull);
  return std::move(json.end_object()).text();
}

HttpReply make_v1_reply(const EventResult& result) {
  const std::optional<object> answer = parse_http_answer(result);
  HttpReply reply;
  if (!answer || !has_only_known_keys(*answer) || !read_any_status(*answer, reply) ||
      !read_merged_headers(*answer, reply.headers) || !read_body(*answer, reply)) {
    return {502, {{"content-type", "application/json"}}, R"({"message": "Internal server error"})"};
  }
  remap(reply.headers);
  add_default_type(reply.headers);
  return reply;
}

}  // namespace phork::emulator
