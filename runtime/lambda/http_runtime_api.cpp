// SPDX-License-Identifier: MIT
#include "runtime/lambda/http_runtime_api.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "runtime/base/text.h"
#include "runtime/lambda/error_report.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;
using namespace std::chrono_literals;

constexpr const char* kNextPath = "/2018-06-01/runtime/invocation/next";
constexpr const char* kInitErrorPath = "/2018-06-01/runtime/init/error";
constexpr const char* kRestorePath = "/2018-06-01/runtime/restore/next";
constexpr const char* kRestoreErrorPath = "/2018-06-01/runtime/restore/error";
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

// Header values are sent as they are, and this one comes from the function's code.
std::string header_safe_content_type(const std::string& type) {
  const bool printable = std::ranges::all_of(type, [](char c) { return c >= ' ' && c <= '~'; });
  return printable && !type.empty() ? type : "application/octet-stream";
}

event::WallTime parse_deadline(std::string_view text) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::int64_t epoch_ms = base::parse_number<std::int64_t>(text).value_or(0);
  const event::WallTime deadline{std::chrono::milliseconds(epoch_ms)};
  const bool credible = epoch_ms > 0 && deadline < now + kCredibleTimeout;
  return credible ? deadline : now + kAssumedTimeout;
}

// At most so many bytes of `text`, in one line: it goes to the log.
std::string loggable(std::string_view text) {
  constexpr std::size_t kMaxBytes = 512;
  std::string line(base::trim(text.substr(0, kMaxBytes)));
  std::ranges::replace_if(
      line, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text.size() > kMaxBytes ? line + "..." : line;
}

// The errorType of the API's answers to what it refuses, of which only a short plain word passes,
// and the errorMessage. A server between here and the API says it in a text.
Posted read_refusal(const Reply& reply) {
  constexpr std::size_t kMaxWordBytes = 64;
  Posted posted{.verdict = Posted::Verdict::kRefused, .status = reply.status};
  const std::string body = reply.body();
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  if (parser.parse(body).get(json) != simdjson::SUCCESS) {
    if (!body.starts_with('<')) posted.message = loggable(body);
    return posted;
  }
  std::string_view text;
  if (json["errorMessage"].get(text) == simdjson::SUCCESS) posted.message = loggable(text);
  if (json["errorType"].get(text) != simdjson::SUCCESS) return posted;
  const bool word = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
  });
  if (word && text.size() <= kMaxWordBytes) posted.error_type = text;
  return posted;
}

// The API takes one answer to an event. If it refuses the second copy of one for that reason, or
// because the event is over, the first copy had arrived.
bool says_that_it_had_arrived(const Posted& posted) {
  const bool is_state = posted.error_type == "InvalidStateTransition";
  const bool is_id = posted.error_type == "InvalidRequestID";
  return posted.status == 410 ||
         ((posted.status == 400 || posted.status == 403) && (is_state || is_id));
}

struct HeaderField {
  std::string_view name;
  std::string event::Invocation::*field;
};

constexpr std::array<HeaderField, 7> kHeaderFields{{
    {kRequestIdHeader, &event::Invocation::request_id},
    {kInvocationIdHeader, &event::Invocation::invocation_id},
    {"Lambda-Runtime-Invoked-Function-Arn", &event::Invocation::function_arn},
    {"Lambda-Runtime-Trace-Id", &event::Invocation::trace_id},
    {"Lambda-Runtime-Client-Context", &event::Invocation::client_context},
    {"Lambda-Runtime-Cognito-Identity", &event::Invocation::cognito_identity},
    {"Lambda-Runtime-Aws-Tenant-Id", &event::Invocation::tenant_id},
}};

// `prefix` of error messages.
base::Result<event::Invocation> read_invocation(const Reply& reply, const std::string& prefix) {
  if (reply.status != 200) {
    const std::string type = read_refusal(reply).error_type;
    return Error{ErrorKind::kRefused, prefix + "expected status 200, got " +
                                          std::to_string(reply.status) +
                                          (type.empty() ? "" : " " + type)};
  }
  event::Invocation invocation;
  for (const auto& [name, field] : kHeaderFields) invocation.*field = reply.header(name);
  if (invocation.request_id.empty()) {
    return Error{ErrorKind::kInvalid,
                 prefix + "expected header " + kRequestIdHeader + ", got none"};
  }
  invocation.deadline = parse_deadline(reply.header("Lambda-Runtime-Deadline-Ms"));
  invocation.event = reply.body();
  return invocation;
}

std::string path_of(const event::Invocation& invocation, const char* what) {
  return kInvocationPath + percent_encode(invocation.request_id) + what;
}

std::string line(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

// The invocation id tells attempts with the same request id apart; it is echoed, never invented.
std::string lines_for(const event::Invocation& invocation) {
  if (invocation.invocation_id.empty()) return "";
  return line(kInvocationIdHeader, invocation.invocation_id);
}

}  // namespace

base::Result<event::Invocation> read_next_reply(std::string_view bytes) {
  const std::string prefix = "lambda: read next: ";
  ReplyParser parser;
  parser.parse(bytes);
  const ReplyParser::State state = parser.finish(bytes);
  if (state == ReplyParser::State::kWhole) return read_invocation(parser.reply(bytes), prefix);
  const bool is_cut = state != ReplyParser::State::kInvalid;
  return Error{ErrorKind::kInvalid,
               prefix + (is_cut ? "expected a whole http response, got " +
                                      std::to_string(bytes.size()) + " bytes of one"
                                : parser.error())};
}

Posted read_verdict(const Reply& reply) {
  using enum Posted::Verdict;
  if (reply.status >= 200 && reply.status < 300) {
    return {.verdict = kAccepted, .status = reply.status};
  }
  Posted posted = read_refusal(reply);
  if (reply.status == 413) posted.verdict = kTooLarge;
  if (reply.status == 410) posted.verdict = kLate;
  if (reply.repeated && says_that_it_had_arrived(posted)) posted.verdict = kAccepted;
  return posted;
}

HttpRuntimeApi::HttpRuntimeApi(const Endpoint& endpoint, ConnectionOptions options)
    : connection_(endpoint, std::move(options)) {}

base::Result<event::Invocation> HttpRuntimeApi::next() {
  const auto reply = connection_.get(kNextPath);
  if (!reply) return reply.error();
  return read_invocation(reply.value(), "lambda: next '" + connection_.address() + "': ");
}

base::Status HttpRuntimeApi::ask_next() {
  return connection_.ask(kNextPath);
}

base::Result<std::optional<event::Invocation>> HttpRuntimeApi::take_next() {
  const auto reply = connection_.collect();
  if (!reply) return reply.error();
  if (!reply.value()) return std::optional<event::Invocation>();
  auto invocation =
      read_invocation(*reply.value(), "lambda: next '" + connection_.address() + "': ");
  if (!invocation) return std::move(invocation).error();
  return std::optional(std::move(invocation).value());
}

base::Result<Posted> HttpRuntimeApi::post(const std::string& path, const std::string& header_lines,
                                          std::string_view body) {
  const auto reply = connection_.post(path, header_lines, body);
  if (!reply) return reply.error();
  return read_verdict(reply.value());
}

base::Result<Posted> HttpRuntimeApi::post_error(const std::string& path, std::string header_lines,
                                                const event::Failure& failure) {
  header_lines += line("Content-Type", "application/json") +
                  line(kErrorTypeHeader, error_type_header(failure.type));
  return post(path, header_lines, error_body(failure));
}

base::Result<Posted> HttpRuntimeApi::respond(const event::Invocation& invocation,
                                             const event::Answer& answer) {
  const std::string lines = line("Content-Type", header_safe_content_type(answer.content_type));
  return post(path_of(invocation, "/response"), lines + lines_for(invocation), answer.body);
}

base::Result<Posted> HttpRuntimeApi::fail(const event::Invocation& invocation,
                                          const event::Failure& failure) {
  return post_error(path_of(invocation, "/error"), lines_for(invocation), failure);
}

base::Status HttpRuntimeApi::begin_stream(const event::Invocation& invocation,
                                          const std::string& content_type) {
  return connection_.begin_stream(
      path_of(invocation, "/response"),
      line("Content-Type", header_safe_content_type(content_type)) + lines_for(invocation) +
          line(kResponseModeHeader, "streaming") +
          line("Trailer", std::string(kErrorTypeHeader) + ", " + kErrorBodyHeader));
}

base::Status HttpRuntimeApi::write_stream(std::string_view bytes, base::Deadline deadline) {
  return connection_.write_stream(bytes, deadline);
}

base::Result<Posted> HttpRuntimeApi::end_stream(const event::Failure* failure) {
  auto reply = connection_.end_stream(failure == nullptr ? "" : error_trailers(*failure));
  if (!reply) return std::move(reply).error();
  return read_verdict(reply.value());
}

base::Result<Posted> HttpRuntimeApi::fail_init(const event::Failure& failure) {
  return post_error(kInitErrorPath, "", failure);
}

base::Result<Posted> HttpRuntimeApi::fail_restore(const event::Failure& failure) {
  return post_error(kRestoreErrorPath, "", failure);
}

base::Status HttpRuntimeApi::ask_restore() {
  return connection_.ask(kRestorePath);
}

base::Result<Restore> HttpRuntimeApi::take_restore() {
  const auto reply = connection_.collect();
  if (!reply) return reply.error();
  if (!reply.value()) return Restore::kAskAgain;
  const int status = reply.value()->status;
  if (status == 200) return Restore::kRestored;
  if (status == 404) return Restore::kNotOffered;
  return Error{ErrorKind::kRefused, "lambda: await restore '" + connection_.address() +
                                        "': expected status 200 or 404, got " +
                                        std::to_string(status)};
}

void HttpRuntimeApi::interrupt() {
  connection_.interrupt();
}

}  // namespace phork::lambda
