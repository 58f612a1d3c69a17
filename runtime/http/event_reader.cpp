// SPDX-License-Identifier: MIT
#include "runtime/http/event_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/http/event_fields.h"
#include "runtime/http/message.h"
#include "runtime/http/percent.h"

namespace phork::http {
namespace {

static_assert(kEventPaddingBytes >= EventFields::kPaddingBytes);

// It may have all fields of a request, but its answer is a policy.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
bool asks_an_authorizer(EventFields& fields) {
  return fields.has("methodArn") || fields.has("routeArn");
}

// Most telling field first: several shapes share `httpMethod`, `path` and `version`.
std::optional<EventShape> detect_shape(EventFields& fields) {
  if (fields.has("requestContext.connectionId")) return EventShape::kWebSocket;
  if (fields.has("requestContext.elb")) {
    return fields.has("multiValueHeaders") ? EventShape::kAlbMultiValue : EventShape::kAlb;
  }
  if (fields.has("requestContext.http") || fields.has("rawPath")) return EventShape::kApiGatewayV2;
  if (fields.has("httpMethod") || fields.has("requestContext.resourcePath")) {
    return EventShape::kApiGatewayV1;
  }
  const bool lattice = fields.has("requestContext.serviceNetworkArn") ||
                       (fields.has("method") && fields.has("path"));
  return lattice ? std::optional(EventShape::kVpcLatticeV2) : std::nullopt;
}

void lower_names(std::vector<event::NameValue>& headers) {
  for (event::NameValue& header : headers) header.name = base::lower_case(header.name);
}

// HTTP/2 clients may send each cookie in a separate header; they have to be joined before use:
// https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3
void join_cookies(std::vector<event::NameValue>& headers) {
  std::string cookies;
  for (const event::NameValue& header : headers) {
    if (header.name != "cookie") continue;
    if (!cookies.empty()) cookies.append("; ");
    cookies.append(header.value);
  }
  if (!cookies.empty()) set_header(headers, "cookie", std::move(cookies));
}

void read_headers(EventFields& fields, std::string_view path, MapForm form, Request& request) {
  request.headers = fields.map(path, form);
  lower_names(request.headers);
  join_cookies(request.headers);
}

using EncodeText = std::string (*)(std::string_view);

std::string as_it_is(std::string_view text) {
  return std::string(text);
}

std::string build_query(const std::vector<event::NameValue>& parameters, EncodeText encode) {
  std::string query;
  for (const event::NameValue& parameter : parameters) {
    if (!query.empty()) query.push_back('&');
    query.append(encode(parameter.name)).append("=").append(encode(parameter.value));
  }
  return query;
}

// "203.0.113.7", "203.0.113.7:4711", "2001:db8::7" or "[2001:db8::7]:4711".
std::string_view without_port(std::string_view address) {
  if (!address.empty() && address.front() == '[') return address.substr(1, address.find(']') - 1);
  const std::size_t colon = address.find(':');
  const bool one_colon = colon != std::string_view::npos && colon == address.rfind(':');
  return one_colon ? address.substr(0, colon) : address;
}

// The load balancer appends the address it sees; the client may have made up everything before it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
std::string forwarded_client(const Request& request) {
  return std::string(without_port(last_hop(request.headers, "x-forwarded-for")));
}

void read_body(EventFields& fields, Request& request) {
  request.body = fields.text_or_base64("body", fields.flag("isBase64Encoded"));
  const std::string_view method = request.method;
  const bool has_body = !request.body.empty() || method == "POST" || method == "PUT" ||
                        method == "PATCH" ||
                        !last_header(request.headers, "content-length").empty();
  if (has_body) {
    set_header(request.headers, "content-length", std::to_string(request.body.size()));
  }
}

// The map of lists holds all values, the other the last of each name. Either may be missing.
void read_maps(EventFields& fields, EncodeText encode, Request& request) {
  read_headers(fields, "multiValueHeaders", MapForm::kLists, request);
  if (request.headers.empty()) read_headers(fields, "headers", MapForm::kTexts, request);
  auto parameters = fields.map("multiValueQueryStringParameters", MapForm::kLists);
  if (parameters.empty()) parameters = fields.map("queryStringParameters", MapForm::kTexts);
  request.query_string = build_query(parameters, encode);
}

std::string read_path(EventFields& fields, std::string_view field) {
  return encode_path(fields.text_or(field, "/"));
}

void read_v1(EventFields& fields, Request& request) {
  request.method = fields.required_text("httpMethod");
  request.path = read_path(fields, "path");
  if (auto protocol = fields.text("requestContext.protocol"); !protocol.empty()) {
    request.protocol = std::move(protocol);
  }
  request.stage = fields.text("requestContext.stage");
  request.remote_address = fields.text("requestContext.identity.sourceIp");
  read_maps(fields, encode_query_text, request);
}

void read_v2(EventFields& fields, Request& request) {
  request.method = fields.required_text("requestContext.http.method");
  request.path = read_path(fields, fields.has("rawPath") ? "rawPath" : "requestContext.http.path");
  request.query_string = fields.text("rawQueryString");
  // The gateway always sends both or none; people often write the map alone.
  if (request.query_string.empty()) {
    request.query_string =
        build_query(fields.map("queryStringParameters", MapForm::kTexts), encode_query_text);
  }
  if (auto protocol = fields.text("requestContext.http.protocol"); !protocol.empty()) {
    request.protocol = std::move(protocol);
  }
  request.stage = fields.text("requestContext.stage");
  request.remote_address = fields.text("requestContext.http.sourceIp");
  read_headers(fields, "headers", MapForm::kTexts, request);
  std::string cookies;
  for (const std::string& cookie : fields.list("cookies")) {
    cookies.append(cookies.empty() ? "" : "; ").append(cookie);
  }
  if (!cookies.empty()) set_header(request.headers, "cookie", std::move(cookies));
}

void read_alb(EventFields& fields, Request& request) {
  request.method = fields.required_text("httpMethod");
  request.path = read_path(fields, "path");
  read_maps(fields, as_it_is, request);
  request.remote_address = forwarded_client(request);
}

// A message has neither method nor path. The handshake was a GET; the application sees later
// messages as POST. The route is the path: `/$connect`, `/$default`, `/your-route`.
void read_websocket(EventFields& fields, Request& request) {
  const std::string type = fields.required_text("requestContext.eventType");
  request.method = type == "CONNECT" ? "GET" : "POST";
  request.path = encode_path(fields.required_text("requestContext.routeKey"));
  request.stage = fields.text("requestContext.stage");
  request.remote_address = fields.text("requestContext.identity.sourceIp");
  read_maps(fields, encode_query_text, request);
}

// AWS does not document whether Lattice decodes the query, nor whether the path may hold it: accept
// both.
void read_lattice(EventFields& fields, Request& request) {
  request.method = fields.required_text("method");
  const std::string target = fields.text_or("path", "/");
  const std::size_t path_size = std::min(target.find('?'), target.size());
  request.path = encode_path(std::string_view(target).substr(0, path_size));
  read_headers(fields, "headers", MapForm::kEither, request);
  const auto parameters = fields.map("queryStringParameters", MapForm::kEither);
  request.query_string = path_size < target.size() ? target.substr(path_size + 1)
                                                   : build_query(parameters, repair_query_text);
  request.remote_address = forwarded_client(request);
}

Request read_request(EventFields& fields, EventShape shape) {
  Request request;
  switch (shape) {
    case EventShape::kApiGatewayV1:
      read_v1(fields, request);
      break;
    case EventShape::kApiGatewayV2:
      read_v2(fields, request);
      break;
    case EventShape::kAlb:
    case EventShape::kAlbMultiValue:
      read_alb(fields, request);
      break;
    case EventShape::kWebSocket:
      read_websocket(fields, request);
      break;
    case EventShape::kVpcLatticeV2:
      read_lattice(fields, request);
      break;
  }
  request.request_context = fields.object_json("requestContext");
  read_body(fields, request);
  return request;
}

}  // namespace

base::Result<HttpEvent> read_event(std::string_view json, std::size_t readable_bytes) {
  EventFields fields;
  fields.open(json, readable_bytes);
  if (asks_an_authorizer(fields)) {
    fields.fail({base::ErrorKind::kInvalid,
                 "http: read event: expected a web request, got the question of an API Gateway to "
                 "its authorizer, which a handler of events has to answer"});
  }
  const std::optional<EventShape> shape = detect_shape(fields);
  if (!shape) {
    fields.fail({base::ErrorKind::kInvalid,
                 "http: read event: expected one of API Gateway, a function URL, ALB, WebSocket or "
                 "VPC Lattice, got an object with the fields of none of them"});
    return *fields.error();
  }
  HttpEvent event{*shape, read_request(fields, *shape),
                  fields.map("pathParameters", MapForm::kTexts)};
  if (fields.error()) return *fields.error();
  return event;
}

}  // namespace phork::http
