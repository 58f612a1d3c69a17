// SPDX-License-Identifier: MIT
#include "emulator/gateway/v2.h"

#include <optional>
#include <utility>

#include "emulator/gateway/answer.h"
#include "emulator/gateway/request.h"
#include "runtime/base/text.h"
#include "runtime/http/percent.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using event::NameValue;

void write_cookies(JsonWriter& json, const HttpRequest& request) {
  std::vector<std::string_view> cookies;
  for (const NameValue& header : request.headers) {
    if (header.name != "cookie") continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      const std::string_view cookie = base::trim(rest.substr(0, end));
      if (!cookie.empty()) cookies.push_back(cookie);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  if (cookies.empty()) return;
  json.key("cookies").begin_array();
  for (const std::string_view cookie : cookies) json.string(cookie);
  json.end_array();
}

void write_request_context(JsonWriter& json, const HttpRequest& request,
                           const GatewayContext& context, std::string_view account,
                           std::string_view path) {
  const std::string_view domain = domain_name(request);
  json.key("requestContext").begin_object();
  json.field("accountId", account).field("apiId", "phork");
  json.field("domainName", domain).field("domainPrefix", domain.substr(0, domain.find('.')));
  json.key("http").begin_object();
  json.field("method", request.method).field("path", path).field("protocol", protocol(request));
  json.field("sourceIp", request.remote_address);
  json.field("userAgent", request.header("user-agent")).end_object();
  json.field("requestId", context.request_id);
  json.field("routeKey", "$default").field("stage", "$default");
  json.field("time", common_log_time(context.now));
  json.key("timeEpoch").integer(epoch_milliseconds(context.now)).end_object();
}

bool is_text_type(std::string_view media_type) {
  return is_plain_text_type(media_type) || media_type.ends_with("+json") ||
         media_type.ends_with("+xml");
}

std::string make_event(const HttpRequest& request, const GatewayContext& context,
                       std::string_view account, std::string_view path) {
  Fields headers = event_headers(request, context, NameCase::kLower);
  std::erase_if(headers, [](const Field& field) { return field.key == "cookie"; });
  const Fields parameters = query_parameters(request.query(), QueryText::kDecoded);
  JsonWriter json;
  json.begin_object().field("version", "2.0").field("routeKey", "$default");
  json.field("rawPath", path).field("rawQueryString", request.query());
  write_cookies(json, request);
  write_joined(json.key("headers"), headers);
  if (!parameters.empty()) write_joined(json.key("queryStringParameters"), parameters);
  write_request_context(json, request, context, account, path);
  write_body(json, request, is_text_type(media_type(request)), EmptyBody::kOmitted);
  return std::move(json.end_object()).text();
}

// JSON without a status is itself the body. nullopt for an answer in a wrong form.
std::optional<HttpReply> read_reply(const EventResult& result) {
  HttpReply reply;
  const std::optional<simdjson::dom::object> answer = parse_http_answer(result);
  if (!answer) {
    if (!parse_answer(result)) return std::nullopt;
    reply.body = result.body;
  } else if (!read_status(*answer, reply) ||
             !read_header_texts(*answer, "headers", reply.headers) ||
             !read_cookies(*answer, reply.headers) || !read_body(*answer, reply)) {
    return std::nullopt;
  }
  add_default_type(reply.headers);
  return reply;
}

}  // namespace

std::string make_v2_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event(request, context, "123456789012", http::percent_decode(request.raw_path()));
}

HttpReply make_v2_reply(const EventResult& result) {
  std::optional<HttpReply> reply = read_reply(result);
  if (reply) return std::move(*reply);
  return {500, {{"content-type", "application/json"}}, R"({"message":"Internal Server Error"})"};
}

std::string make_url_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event(request, context, "anonymous", request.raw_path());
}

HttpReply make_url_reply(const EventResult& result) {
  std::optional<HttpReply> reply = read_reply(result);
  if (reply) return std::move(*reply);
  return {502, {{"content-type", "application/json"}}, "Internal Server Error"};
}

}  // namespace phork::emulator
