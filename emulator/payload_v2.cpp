// SPDX-License-Identifier: MIT
#include "emulator/payload_v2.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "runtime/base/json_writer.h"
#include "runtime/http/base64.h"
#include "runtime/http/header.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using base::NameValue;

// Meant for one connection only, so never part of an event or of an answer.
bool is_hop_by_hop(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
      "te",         "expect"};
  return std::ranges::find(kNames, name) != kNames.end();
}

// Joins the value to that of an earlier field of the same name.
void join(std::vector<NameValue>& fields, std::string name, std::string value) {
  const auto earlier = std::ranges::find(fields, name, &NameValue::name);
  if (earlier == fields.end()) {
    fields.push_back({std::move(name), std::move(value)});
  } else {
    earlier->value.append(",").append(value);
  }
}

void write_map(JsonWriter& json, std::string_view name, const std::vector<NameValue>& fields) {
  if (fields.empty()) return;
  json.key(name).begin_object();
  for (const NameValue& field : fields) json.field(field.name, field.value);
  json.end_object();
}

std::vector<NameValue> event_headers(const HttpRequest& request, const GatewayContext& context) {
  std::vector<NameValue> headers;
  for (const NameValue& header : request.headers) {
    if (header.name == "cookie" || is_hop_by_hop(header.name)) continue;
    join(headers, header.name, header.value);
  }
  const auto set = [&headers](std::string_view name, std::string value) {
    if (std::ranges::find(headers, name, &NameValue::name) == headers.end()) {
      headers.push_back({std::string(name), std::move(value)});
    }
  };
  join(headers, "x-forwarded-for", request.remote_address);
  set("x-forwarded-port", std::to_string(context.port));
  set("x-forwarded-proto", "http");
  set("x-amzn-trace-id", context.trace_id.substr(0, context.trace_id.find(';')));
  return headers;
}

void write_cookies(JsonWriter& json, const HttpRequest& request) {
  std::vector<std::string_view> cookies;
  for (const NameValue& header : request.headers) {
    if (header.name != "cookie") continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      const std::string_view cookie = http::trim(rest.substr(0, end));
      if (!cookie.empty()) cookies.push_back(cookie);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  if (cookies.empty()) return;
  json.key("cookies").begin_array();
  for (const std::string_view cookie : cookies) json.string(cookie);
  json.end_array();
}

std::vector<NameValue> query_parameters(std::string_view query) {
  std::vector<NameValue> parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!pair.empty()) {
      join(parameters, percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
    }
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return parameters;
}

void write_request_context(JsonWriter& json, const HttpRequest& request,
                           const GatewayContext& context, std::string_view path) {
  const std::string_view host = request.header("host");
  const std::string_view domain = host.empty() ? "127.0.0.1" : host.substr(0, host.rfind(':'));
  const auto epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(context.now.time_since_epoch());
  json.key("requestContext").begin_object();
  json.field("accountId", "123456789012").field("apiId", "phork");
  json.field("domainName", domain).field("domainPrefix", domain.substr(0, domain.find('.')));
  json.key("http").begin_object();
  json.field("method", request.method).field("path", path);
  json.field("protocol", request.http_1_0 ? "HTTP/1.0" : "HTTP/1.1");
  json.field("sourceIp", request.remote_address);
  json.field("userAgent", request.header("user-agent")).end_object();
  json.field("requestId", context.request_id);
  json.field("routeKey", "$default").field("stage", "$default");
  json.field("time", common_log_time(context.now)).key("timeEpoch").integer(epoch.count());
  json.end_object();
}

void write_body(JsonWriter& json, const HttpRequest& request) {
  const bool text = request.header("content-encoding").empty() &&
                    is_text_type(request.header("content-type")) &&
                    simdjson::validate_utf8(request.body.data(), request.body.size());
  const bool encoded = !request.body.empty() && !text;
  if (encoded) {
    std::string base64(http::base64_size(request.body.size()), '\0');
    http::encode_base64(request.body, base64.data());
    json.field("body", base64);
  } else if (!request.body.empty()) {
    json.field("body", request.body);
  }
  json.key("isBase64Encoded").boolean(encoded);
}

HttpReply internal_server_error() {
  return {500, {{"content-type", "application/json"}}, R"({"message":"Internal Server Error"})"};
}

HttpReply plain_json(const std::string& body) {
  return {200, {{"content-type", "application/json"}}, body};
}

// A header value as text; arrays and objects are none.
std::optional<std::string> scalar_text(const simdjson::dom::element& element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  if (element.is_number() || element.is_bool()) return simdjson::minify(element);
  return std::nullopt;
}

// False when the field is there but is not what the format allows.
bool read_headers(const simdjson::dom::object& answer, std::vector<NameValue>& headers) {
  simdjson::dom::element element;
  if (answer["headers"].get(element) != simdjson::SUCCESS || element.is_null()) return true;
  simdjson::dom::object fields;
  if (element.get(fields) != simdjson::SUCCESS) return false;
  for (const auto field : fields) {
    std::string name = http::lower_case(field.key);
    std::optional<std::string> value = scalar_text(field.value);
    if (!value) return false;
    if (is_hop_by_hop(name) || name == "content-length") continue;
    NameValue header{std::move(name), std::move(*value)};
    if (!http::is_well_formed(header)) return false;
    headers.push_back(std::move(header));
  }
  return true;
}

bool read_cookies(const simdjson::dom::object& answer, std::vector<NameValue>& headers) {
  simdjson::dom::element element;
  if (answer["cookies"].get(element) != simdjson::SUCCESS || element.is_null()) return true;
  simdjson::dom::array cookies;
  if (element.get(cookies) != simdjson::SUCCESS) return false;
  for (const auto cookie : cookies) {
    std::string_view text;
    if (cookie.get(text) != simdjson::SUCCESS) return false;
    NameValue header{"set-cookie", std::string(text)};
    if (!http::is_well_formed(header)) return false;
    headers.push_back(std::move(header));
  }
  return true;
}

bool read_body(const simdjson::dom::object& answer, std::string& body) {
  simdjson::dom::element element;
  if (answer["body"].get(element) != simdjson::SUCCESS || element.is_null()) return true;
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return false;
  bool encoded = false;
  if (answer["isBase64Encoded"].get(encoded) != simdjson::SUCCESS) encoded = false;
  if (!encoded) {
    body = text;
    return true;
  }
  base::Result<std::string> decoded = http::decode_base64(text, "body");
  if (!decoded) return false;
  body = std::move(decoded).value();
  return true;
}

}  // namespace

std::string make_payload_v2(const HttpRequest& request, const GatewayContext& context) {
  const std::string path = percent_decode(request.raw_path());
  JsonWriter json;
  json.begin_object().field("version", "2.0").field("routeKey", "$default");
  json.field("rawPath", path).field("rawQueryString", request.query());
  write_cookies(json, request);
  write_map(json, "headers", event_headers(request, context));
  write_map(json, "queryStringParameters", query_parameters(request.query()));
  write_request_context(json, request, context, path);
  write_body(json, request);
  json.end_object();
  return std::move(json).text();
}

HttpReply reply_from_result(const EventResult& result) {
  if (!result.answered()) return internal_server_error();
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(result.body.data(), result.body.size()).get(root) != simdjson::SUCCESS) {
    return internal_server_error();
  }
  simdjson::dom::object answer;
  simdjson::dom::element status_element;
  if (root.get(answer) != simdjson::SUCCESS ||
      answer["statusCode"].get(status_element) != simdjson::SUCCESS) {
    return plain_json(result.body);
  }
  std::int64_t status = 0;
  HttpReply reply;
  // 1xx would announce a further response that never comes.
  if (status_element.get(status) != simdjson::SUCCESS || status < 200 || status > 599 ||
      !read_headers(answer, reply.headers) || !read_cookies(answer, reply.headers) ||
      !read_body(answer, reply.body)) {
    return internal_server_error();
  }
  reply.status = static_cast<int>(status);
  if (std::ranges::find(reply.headers, "content-type", &NameValue::name) == reply.headers.end()) {
    reply.headers.push_back({"content-type", "application/json"});
  }
  return reply;
}

bool is_text_type(std::string_view content_type) {
  const std::string type =
      http::lower_case(http::trim(content_type.substr(0, content_type.find(';'))));
  return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/javascript" || type.ends_with("+json") || type.ends_with("+xml");
}

std::string common_log_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  // No locale is ever set here, so the names of months are English.
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%d/%b/%Y:%H:%M:%S +0000", &parts);
  return {text.data(), length};
}

}  // namespace phork::emulator
