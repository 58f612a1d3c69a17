// SPDX-License-Identifier: MIT
#include "runtime/http/cgi_event.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include <simdjson.h>

#include "runtime/base/base64.h"
#include "runtime/base/json_writer.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/http/event_reader.h"
#include "runtime/http/message.h"

namespace phork::http {
namespace {

using Variables = std::vector<event::NameValue>;

constexpr std::size_t kOwnVariables = 26;

void set(Variables& variables, std::string_view name, std::string_view value) {
  variables.push_back({std::string(name), std::string(value)});
}

// "example.org:8443" and "[2001:db8::1]:8443" without the port.
std::string host_name(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view name = host.substr(0, colon);
  return name.empty() ? "localhost" : base::lower_case(name);
}

// The user of Basic credentials, "" when there are none.
// https://nginx.org/en/docs/http/ngx_http_core_module.html#var_remote_user
std::string remote_user(std::string_view authorization) {
  constexpr std::string_view kBasic = "basic ";
  if (!base::equal_in_any_case(authorization.substr(0, kBasic.size()), kBasic)) return {};
  const auto decoded =
      base::decode_base64(base::trim(authorization.substr(kBasic.size())), "authorization");
  if (!decoded) return {};
  const std::size_t colon = decoded.value().find(':');
  return colon == std::string::npos ? std::string() : decoded.value().substr(0, colon);
}

std::string_view port_or(std::string_view port, std::string_view fallback) {
  return base::parse_number<std::uint16_t>(port).value_or(0) != 0 ? port : fallback;
}

bool is_passed_on(std::string_view header) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !header.empty() && std::all_of(header.begin(), header.end(), is_plain) &&
         header != "proxy";
}

std::string variable_name(std::string_view header) {
  std::string name = "HTTP_";
  for (const char c : header) {
    const bool small = c >= 'a' && c <= 'z';
    name.push_back(c == '-' ? '_' : small ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

void set_headers(Variables& variables, const std::vector<event::NameValue>& headers) {
  std::unordered_map<std::string_view, std::size_t> places;  // of a header among `variables`
  for (const event::NameValue& header : headers) {
    if (!is_passed_on(header.name)) continue;
    const auto [place, is_new] = places.try_emplace(header.name, variables.size());
    if (is_new) {
      variables.push_back({variable_name(header.name), header.value});
    } else {
      const std::string_view separator = header.name == "cookie" ? "; " : ", ";
      variables[place->second].value.append(separator).append(header.value);
    }
  }
}

// {"headers":{"x-a":["1","2"]},"path":{"id":"7"}}; "" when there is neither.
std::string request_details_json(const HttpEvent& event) {
  std::unordered_map<std::string_view, std::vector<std::string_view>> values;
  for (const event::NameValue& header : event.request.headers) {
    if (is_passed_on(header.name)) values[header.name].push_back(header.value);
  }
  std::erase_if(values, [](const auto& header) { return header.second.size() < 2; });
  if (values.empty() && event.path_parameters.empty()) return {};
  base::JsonWriter json;
  json.begin_object().key("headers").begin_object();
  for (const auto& [name, texts] : values) {
    json.key(name).begin_array();
    for (const std::string_view text : texts) json.string(text);
    json.end_array();
  }
  json.end_object().key("path").begin_object();
  for (const event::NameValue& parameter : event.path_parameters) {
    json.field(parameter.name, parameter.value);
  }
  json.end_object().end_object();
  return std::move(json).text();
}

void set_server(Variables& variables, const Request& request) {
  const bool plain = base::lower_case(last_hop(request.headers, "x-forwarded-proto")) == "http";
  set(variables, "SERVER_PROTOCOL", request.protocol);
  set(variables, "REQUEST_SCHEME", plain ? "http" : "https");
  if (!plain) set(variables, "HTTPS", "on");
  set(variables, "GATEWAY_INTERFACE", "CGI/1.1");
  set(variables, "FCGI_ROLE", "RESPONDER");  // php-fpm's own
  const std::string software = base::variable("PHORK_SERVER_SOFTWARE");
  set(variables, "SERVER_SOFTWARE", software.empty() ? "phork/" PHORK_VERSION : software);
  set(variables, "REMOTE_ADDR", request.remote_address);
  set(variables, "REMOTE_PORT", "0");
  set(variables, "REMOTE_USER", remote_user(last_header(request.headers, "authorization")));
  set(variables, "SERVER_ADDR", "127.0.0.1");
  set(variables, "SERVER_PORT",
      port_or(last_hop(request.headers, "x-forwarded-port"), plain ? "80" : "443"));
  set(variables, "SERVER_NAME", host_name(last_header(request.headers, "host")));
  set(variables, "REDIRECT_STATUS", "200");  // php-cgi refuses to run without
}

}  // namespace

std::vector<event::NameValue> cgi_variables(const Request& request,
                                            const CgiEnvironment& environment) {
  const std::string& root = environment.routing.document_root;
  const Script script = find_script(environment.routing, environment.kind, request.path);
  std::string uri = request.path;
  if (!request.query_string.empty()) uri.append("?").append(request.query_string);

  Variables variables;
  variables.reserve(kOwnVariables + request.headers.size());
  set(variables, "SCRIPT_FILENAME", script.filename);
  set(variables, "QUERY_STRING", request.query_string);
  set(variables, "REQUEST_METHOD", request.method);
  set(variables, "CONTENT_TYPE", last_header(request.headers, "content-type"));
  set(variables, "CONTENT_LENGTH", last_header(request.headers, "content-length"));
  set(variables, "SCRIPT_NAME", script.name);
  set(variables, "PATH_INFO", script.path_info);
  set(variables, "REQUEST_URI", uri);
  set(variables, "DOCUMENT_URI", script.name);
  set(variables, "DOCUMENT_ROOT", root.empty() ? "/" : std::string_view(root));
  set_server(variables, request);
  set_headers(variables, request.headers);
  set(variables, "LAMBDA_REQUEST_CONTEXT",
      request.request_context.empty() ? "{}" : std::string_view(request.request_context));
  set(variables, "LAMBDA_INVOCATION_CONTEXT", environment.lambda_context_json);
  return variables;
}

std::string invocation_context_json(const event::Invocation& invocation) {
  base::JsonWriter json;
  json.begin_object().field("awsRequestId", invocation.request_id);
  json.key("deadlineMs").integer(invocation.deadline.time_since_epoch().count());
  json.field("invokedFunctionArn", invocation.function_arn)
      .field("traceId", invocation.trace_id)
      .end_object();
  return std::move(json).text();
}

base::Result<CgiEvent> read_cgi_event(const event::Invocation& invocation,
                                      const ScriptRouting& routing, base::EntryKind kind) {
  auto event = read_event(invocation.event, invocation.event.capacity());
  if (!event) {
    base::Error error = std::move(event).error();
    if (kind == base::EntryKind::kScript) {
      error.text += "; the entry is taken for a script, as its file returns nothing to call";
    }
    return error;
  }
  const std::string context = invocation_context_json(invocation);
  Variables variables = cgi_variables(event->request, {routing, kind, context});
  const std::string details = request_details_json(event.value());
  if (!details.empty()) set(variables, kRequestDetails, details);
  return CgiEvent{event->shape, std::move(variables), std::move(event->request.body)};
}

std::optional<std::string_view> answer_warmer(std::string_view event) {
  constexpr std::size_t kMostBytes = 64;
  simdjson::dom::parser parser;
  bool warms = false;
  if (event.size() > kMostBytes || parser.parse(event)["warmer"].get(warms) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  if (!warms) return std::nullopt;
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return R"(["Lambda is warm"])";
}

}  // namespace phork::http
