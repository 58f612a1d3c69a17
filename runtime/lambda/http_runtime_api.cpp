// SPDX-License-Identifier: MIT
#include "runtime/lambda/http_runtime_api.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "runtime/base/text.h"
#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/error_report.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;
using httplib::Headers;
using httplib::Response;
using namespace std::chrono_literals;

constexpr const char* kNextPath = "/2018-06-01/runtime/invocation/next";
constexpr const char* kInitErrorPath = "/2018-06-01/runtime/init/error";
constexpr const char* kInvocationPath = "/2018-06-01/runtime/invocation/";

constexpr const char* kRequestIdHeader = "Lambda-Runtime-Aws-Request-Id";
constexpr const char* kInvocationIdHeader = "Lambda-Runtime-Invocation-Id";
constexpr const char* kResponseModeHeader = "Lambda-Runtime-Function-Response-Mode";

constexpr auto kAssumedTimeout = 15min;
constexpr auto kCredibleTimeout = 24h;

// The emulators let callers choose the request id, so it is not always a UUID.
std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
  }
  return encoded;
}

// httplib writes header values as they are, and this one comes from the function's code.
std::string header_safe_content_type(const std::string& type) {
  const bool printable = std::ranges::all_of(type, [](char c) { return c >= ' ' && c <= '~'; });
  return printable && !type.empty() ? type : "application/octet-stream";
}

event::WallTime parse_deadline(const std::string& text) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::int64_t epoch_ms = base::parse_number<std::int64_t>(text).value_or(0);
  const event::WallTime deadline{std::chrono::milliseconds(epoch_ms)};
  const bool credible = epoch_ms > 0 && deadline < now + kCredibleTimeout;
  return credible ? deadline : now + kAssumedTimeout;
}

// The errorType of the API's answers to what it refuses. It goes to the log, so only a short plain
// word passes.
std::string read_error_type(const std::string& body) {
  constexpr std::size_t kMaxWordBytes = 64;
  simdjson::dom::parser parser;
  std::string_view type;
  if (parser.parse(body)["errorType"].get(type) != simdjson::SUCCESS) return "";
  const bool word = std::ranges::all_of(type, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
  });
  return word && type.size() <= kMaxWordBytes ? std::string(type) : "";
}

Posted read_verdict(int status, const std::string& body) {
  using enum Posted::Verdict;
  Posted posted{kRefused, status, ""};
  if (status >= 200 && status < 300) {
    posted.verdict = kAccepted;
    return posted;
  }
  if (status == 413) posted.verdict = kTooLarge;
  if (status == 410) posted.verdict = kLate;
  posted.error_type = read_error_type(body);
  return posted;
}

// httplib drops headers without a value while it parses, so empty and absent are one.
event::Invocation read_invocation(Response&& response) {
  const auto header = [&](const char* name) { return response.get_header_value(name); };
  event::Invocation invocation;
  invocation.request_id = header(kRequestIdHeader);
  invocation.invocation_id = header(kInvocationIdHeader);
  invocation.deadline = parse_deadline(header("Lambda-Runtime-Deadline-Ms"));
  invocation.function_arn = header("Lambda-Runtime-Invoked-Function-Arn");
  invocation.trace_id = header("Lambda-Runtime-Trace-Id");
  invocation.client_context = header("Lambda-Runtime-Client-Context");
  invocation.cognito_identity = header("Lambda-Runtime-Cognito-Identity");
  invocation.tenant_id = header("Lambda-Runtime-Aws-Tenant-Id");
  invocation.event = std::move(response.body);
  return invocation;
}

std::string path_of(const event::Invocation& invocation, const char* what) {
  return kInvocationPath + percent_encode(invocation.request_id) + what;
}

// The invocation id tells attempts with the same request id apart; it is echoed, never invented.
Headers headers_for(const event::Invocation& invocation) {
  Headers headers;
  if (!invocation.invocation_id.empty()) {
    headers.emplace(kInvocationIdHeader, invocation.invocation_id);
  }
  return headers;
}

base::Result<Posted> post(ApiConnection& connection, const std::string& path,
                          const Headers& headers, std::string_view body,
                          const std::string& content_type,
                          const std::function<void()>& while_posting) {
  auto response = connection.post(path, headers, body, content_type, while_posting);
  if (!response) return std::move(response).error();
  return read_verdict(response->status, response->body);
}

base::Result<Posted> post_error(ApiConnection& connection, const std::string& path, Headers headers,
                                const event::Failure& failure,
                                const std::function<void()>& while_posting = {}) {
  headers.emplace(kErrorTypeHeader, error_type_header(failure.type));
  return post(connection, path, headers, error_body(failure), "application/json", while_posting);
}

}  // namespace

HttpRuntimeApi::HttpRuntimeApi(const Endpoint& endpoint, const std::string& user_agent)
    : connection_(std::make_unique<ApiConnection>(endpoint, user_agent)) {}

HttpRuntimeApi::~HttpRuntimeApi() = default;

base::Result<event::Invocation> HttpRuntimeApi::next() {
  auto response = connection_->get(kNextPath);
  if (!response) return std::move(response).error();

  const std::string what = "lambda: next '" + connection_->address() + "': expected ";
  if (response->status != 200) {
    const std::string type = read_error_type(response->body);
    return Error{ErrorKind::kRefused, what + "status 200, got " + std::to_string(response->status) +
                                          (type.empty() ? "" : " " + type)};
  }
  event::Invocation invocation = read_invocation(std::move(response).value());
  if (invocation.request_id.empty()) {
    return Error{ErrorKind::kInvalid, what + "header " + kRequestIdHeader + ", got none"};
  }
  return invocation;
}

base::Result<Posted> HttpRuntimeApi::respond(const event::Invocation& invocation,
                                             const event::Answer& answer) {
  return post(*connection_, path_of(invocation, "/response"), headers_for(invocation), answer.body,
              header_safe_content_type(answer.content_type), while_posting_);
}

base::Result<Posted> HttpRuntimeApi::fail(const event::Invocation& invocation,
                                          const event::Failure& failure) {
  return post_error(*connection_, path_of(invocation, "/error"), headers_for(invocation), failure,
                    while_posting_);
}

base::Status HttpRuntimeApi::begin_stream(const event::Invocation& invocation,
                                          const std::string& content_type) {
  Headers headers = headers_for(invocation);
  headers.insert({{"Content-Type", header_safe_content_type(content_type)},
                  {kResponseModeHeader, "streaming"},
                  {"Trailer", std::string(kErrorTypeHeader) + ", " + kErrorBodyHeader}});
  return connection_->begin_stream(path_of(invocation, "/response"), std::move(headers));
}

base::Status HttpRuntimeApi::write_stream(std::string_view bytes, base::Deadline deadline) {
  return connection_->write_stream(bytes, deadline);
}

base::Result<Posted> HttpRuntimeApi::end_stream(const event::Failure* failure) {
  auto reply = connection_->end_stream(failure == nullptr ? "" : error_trailers(*failure));
  if (!reply) return std::move(reply).error();
  return read_verdict(reply->status, reply->body);
}

base::Result<Posted> HttpRuntimeApi::fail_init(const event::Failure& failure) {
  return post_error(*connection_, kInitErrorPath, {}, failure);
}

void HttpRuntimeApi::interrupt() {
  connection_->interrupt();
}

}  // namespace phork::lambda
