// SPDX-License-Identifier: MIT
#include "strategies/fpm/messages.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "runtime/base/json_writer.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/event/invocation.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"
#include "runtime/slot/lost_event.h"
#include "strategies/fpm/pool.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using event::Failure;
using Variables = std::vector<event::NameValue>;

constexpr std::string_view kOutcome = "phork-outcome";
constexpr std::string_view kAnswer = "answer";
constexpr std::string_view kFailure = "failure";
constexpr const char* kTaskParameter = "[phork]";
constexpr const char* kPrebootParameter = "[phork.preboot]";
constexpr const char* kWorkerParameter = "[phork.worker]";
constexpr const char* kTraceParameter = "[phork.trace]";

bool is_outcome(const event::NameValue& header) {
  return base::equal_in_any_case(header.name, kOutcome);
}

std::string hexadecimal(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  digits.reserve(text.size() * 2);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    digits.push_back(kDigits[byte >> 4U]);
    digits.push_back(kDigits[byte & 15U]);
  }
  return digits;
}

// The keys of the invocation are those of Phork\Context.
std::string task_json(std::string_view task, const Settings& settings,
                      const event::Invocation& invocation = {}) {
  base::JsonWriter json;
  json.begin_object()
      .field("task", task)
      .field("file", settings.routing.entry_file)
      .field("kind", base::settings::kEntry.word(settings.entry_kind))
      .field("preboot", settings.preboot_file)
      .field("function", settings.entry_function)
      .field("requestId", invocation.request_id);
  json.key("deadlineMs").integer(invocation.deadline.time_since_epoch().count());
  json.field("functionArn", invocation.function_arn)
      .field("traceId", invocation.trace_id)
      .field("clientContext", invocation.client_context)
      .field("cognitoIdentity", invocation.cognito_identity)
      .field("tenantId", invocation.tenant_id)
      .end_object();
  return std::move(json).text();
}

// The variables that php-fpm needs in every request, for tasks that are not HTTP requests.
Variables plain_variables(const std::string& script, std::string_view body) {
  return {{"REQUEST_METHOD", "POST"},
          {"SCRIPT_FILENAME", script},
          {"SCRIPT_NAME", script.substr(script.rfind('/'))},
          {"CONTENT_TYPE", "application/json"},
          {"CONTENT_LENGTH", std::to_string(body.size())},
          {"SERVER_PROTOCOL", "HTTP/1.1"}};
}

Result<FpmRequest> task_request(std::string_view task, const Settings& settings) {
  Variables variables = plain_variables(settings.routing.entry_file, {});
  variables.push_back({kTaskParameter, hexadecimal(task_json(task, settings))});
  return fastcgi::encode_request(variables, {});
}

std::string_view text_of(simdjson::dom::element object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

Failure unexpected(const FpmReply& reply) {
  return slot::worker_lost(
      "sent a reply that is not an answer: " + std::to_string(reply.body_bytes) +
      " bytes with status " + std::to_string(reply.status));
}

// Phork\Worker\Failure as JSON.
Failure read_failure(const FpmReply& reply) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  if (parser.parse(reply.body).get(object) != simdjson::SUCCESS) return unexpected(reply);
  Failure failure{
      std::string(text_of(object, "type")), std::string(text_of(object, "message")), {}};
  simdjson::dom::array lines;
  if (object["stackTrace"].get(lines) != simdjson::SUCCESS) return failure;
  for (const simdjson::dom::element line : lines) {
    std::string_view text;
    if (line.get(text) == simdjson::SUCCESS) failure.stack_trace.emplace_back(text);
  }
  return failure;
}

event::Outcome read_handler_answer(FpmReply reply) {
  if (reply.outcome() == kFailure) return read_failure(reply);
  if (reply.outcome() == kAnswer) return event::Answer{std::move(reply.body)};
  return Failure{"Runtime.AnswerLost",
                 "the response was sent before the handler returned: a handler may not call "
                 "fastcgi_finish_request() nor end the output buffer it runs in",
                 {}};
}

Failure too_large(const FpmReply& reply) {
  return {"Function.ResponseSizeTooLarge",
          "the answer has " + std::to_string(reply.body_bytes) + " bytes, Lambda takes at most " +
              std::to_string(event::kMaxAnswerBytes),
          {}};
}

}  // namespace

std::string_view FpmReply::outcome() const {
  const auto found = std::ranges::find_if(headers, is_outcome);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

Result<FpmRequest> fpm_hello(const Settings& settings) {
  return task_request("hello", settings);
}

Result<FpmRequest> fpm_boot(const Settings& settings) {
  return task_request("boot", settings);
}

Result<FpmRequest> fpm_ping() {
  return fastcgi::encode_request(plain_variables(kFpmPingPath, {}), {});
}

Result<pid_t> read_fpm_hello(const FpmReply& reply) {
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  std::int64_t pid = 0;
  if (reply.outcome() != kAnswer || parser.parse(reply.body).get(object) != simdjson::SUCCESS ||
      object["pid"].get(pid) != simdjson::SUCCESS) {
    return Error{ErrorKind::kInvalid,
                 "strategies: identify worker of php-fpm: " + unexpected(reply).message};
  }
  return static_cast<pid_t>(pid);
}

std::variant<FpmServes, Failure> read_fpm_boot(const FpmReply& reply) {
  if (reply.outcome() == kFailure) return read_failure(reply);
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  if (reply.outcome() != kAnswer || parser.parse(reply.body).get(object) != simdjson::SUCCESS) {
    return unexpected(reply);
  }
  return text_of(object, "serves") == "http" ? FpmServes::kHttp : FpmServes::kEvents;
}

Result<FpmEvent> make_fpm_event(const event::Invocation& invocation, FpmServes serves,
                                const Settings& settings) {
  FpmEvent made;
  Variables variables;
  std::string_view body = invocation.event;
  if (serves == FpmServes::kHttp) {
    auto event = http::read_cgi_event(invocation, settings.routing, settings.entry_kind);
    if (!event) return std::move(event).error();
    made.shape = event->shape;
    variables = std::move(event->variables);
    made.body = std::make_unique<const std::string>(std::move(event->body));
    body = *made.body;
  } else {
    variables = plain_variables(settings.routing.entry_file, body);
  }
  // AWS's rule for custom runtimes; php-fpm makes $_SERVER, $_ENV and getenv() of it.
  if (!invocation.trace_id.empty()) {
    variables.push_back({event::kTraceVariable, invocation.trace_id});
    variables.push_back({kTraceParameter, hexadecimal(invocation.trace_id)});
  }
  // php-fpm runs a worker script for each request, which is the only one it gets.
  const bool is_worker = settings.entry_kind == base::EntryKind::kWorker;
  if (is_worker || settings.entry_kind == base::EntryKind::kScript) {
    variables.push_back({kPrebootParameter, hexadecimal(settings.preboot_file)});
    if (is_worker) variables.push_back({kWorkerParameter, hexadecimal("1")});
  } else {
    const char* const task = serves == FpmServes::kHttp ? "http" : "event";
    variables.push_back({kTaskParameter, hexadecimal(task_json(task, settings, invocation))});
  }
  auto request = fastcgi::encode_request(variables, body);
  if (!request) return std::move(request).error();
  made.request.emplace(std::move(request).value());
  return made;
}

event::Outcome read_fpm_answer(FpmReply reply, const FpmEvent& event) {
  if (reply.body_bytes > reply.body.size()) return too_large(reply);
  if (!event.shape) return read_handler_answer(std::move(reply));
  std::erase_if(reply.headers, is_outcome);
  const http::Response response{reply.status, std::move(reply.headers), reply.body};
  return event::Answer{http::write_answer(response, *event.shape)};
}

bool may_still_run(const FpmReply& reply) {
  return reply.outcome().empty();
}

}  // namespace phork::strategies
