// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/server.h"

#include <utility>
#include <variant>

#include "emulator/invoke_api/event_stream.h"
#include "emulator/invoke_api/request.h"
#include "emulator/runtime_api/protocol.h"
#include "emulator/runtime_api/server.h"
#include "runtime/base/base64.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {
namespace {

using event::NameValue;

constexpr std::size_t kLogTailBytes = 4096;
// How long a reply waits for the REPORT line, which comes when the runtime asks for the next event.
// A function that works on after its answer does not delay the caller longer than this.
constexpr std::chrono::seconds kLogTimeout{2};

// Counts an event during its own lifetime.
class Counted : private base::Pinned {
 public:
  explicit Counted(std::atomic<unsigned>& count) : count_(count), others_(count.fetch_add(1)) {}

  ~Counted() { count_.fetch_sub(1); }

  unsigned others() const { return others_; }

 private:
  std::atomic<unsigned>& count_;
  const unsigned others_;
};

AsyncOptions async_options(const FunctionConfig& config, std::chrono::milliseconds retry_delay) {
  return {.retry_delay = retry_delay, .threads = config.concurrency};
}

// The headers of every reply to an accepted invocation.
std::vector<NameValue> common_headers(const Event& event) {
  return {{"X-Amzn-RequestId", event.request_id},
          {"X-Amzn-Trace-Id", event.trace_id},
          {"X-Amz-Executed-Version", std::string(kLatest)}};
}

HttpReply empty_reply(int status, const Event& event) {
  return {status, common_headers(event), {}};
}

void send_error(HttpReply reply, HttpConnection& connection) {
  reply.headers.push_back({"X-Amzn-RequestId", make_uuid()});
  connection.send(reply);
}

HttpReply throttled() {
  HttpReply reply = invoke_error(InvokeError::kTooMany, "Rate Exceeded.");
  reply.headers.push_back({"Retry-After", "1"});
  return reply;
}

bool is_stopped(const EventResult& result) {
  return result.error_type == kStoppedType;
}

HttpReply stopped() {
  return invoke_error(InvokeError::kService, kStoppedMessage);
}

// Replaces a streamed answer over the limit for whole answers by the error that Lambda sends.
EventResult fitting(EventResult result) {
  if (!result.answered() || result.body.size() <= kMaxResponseBytes) return result;
  return too_large_result(kMaxResponseBytes);
}

}  // namespace

InvokeApi::InvokeApi(LocalLambda& lambda, Options options)
    : lambda_(lambda),
      options_(options),
      async_(
          async_options(lambda.config(), options.retry_delay),
          [&lambda](const Event& event) { return lambda.invoke(event); },
          [&lambda](const std::string& request_id, std::string_view message) {
            lambda.log_error(request_id, message);
          }) {}

bool InvokeApi::takes(const HttpRequest& head) const {
  return is_invoke_path(head.raw_path());
}

std::size_t InvokeApi::body_limit() const {
  return kMaxEventBytes;
}

void InvokeApi::handle(HttpRequest request, HttpConnection& connection) {
  InvokeOrRefusal asked = read_invoke(std::move(request), lambda_.config());
  if (HttpReply* refusal = std::get_if<HttpReply>(&asked)) {
    send_error(std::move(*refusal), connection);
  } else {
    serve(std::move(std::get<InvokeRequest>(asked)), connection);
  }
}

void InvokeApi::serve(InvokeRequest asked, HttpConnection& connection) {
  switch (asked.type) {
    case InvocationType::kDryRun:
      connection.send(empty_reply(204, asked.event));
      return;
    case InvocationType::kEvent: {
      const HttpReply reply = empty_reply(202, asked.event);
      if (async_.accept(std::move(asked.event))) {
        connection.send(reply);
      } else {
        send_error(throttled(), connection);
      }
      return;
    }
    case InvocationType::kRequestResponse:
      break;
  }
  const Counted counted(under_way_);
  if (counted.others() >= options_.most_at_once) {
    send_error(throttled(), connection);
  } else if (asked.streamed) {
    serve_streamed(std::move(asked), connection);
  } else {
    serve_whole(std::move(asked), connection);
  }
}

void InvokeApi::serve_whole(InvokeRequest asked, HttpConnection& connection) {
  HttpReply reply{200, common_headers(asked.event), {}};
  const std::string request_id = asked.event.request_id;
  EventResult result = fitting(lambda_.invoke(std::move(asked.event)));
  if (is_stopped(result)) {
    send_error(stopped(), connection);
    return;
  }
  reply.headers.push_back({"Content-Type", "application/json"});
  if (!result.answered()) reply.headers.push_back({"X-Amz-Function-Error", "Unhandled"});
  std::string log = log_result(asked, request_id, result);
  if (!log.empty()) reply.headers.push_back({"X-Amz-Log-Result", std::move(log)});
  reply.body = std::move(result.body);
  connection.send(reply);
}

void InvokeApi::serve_streamed(InvokeRequest asked, HttpConnection& connection) {
  InvokeStream stream(connection, common_headers(asked.event));
  const std::string request_id = asked.event.request_id;
  const EventResult result = lambda_.invoke(std::move(asked.event), stream);
  if (is_stopped(result) && !result.streamed) {
    send_error(stopped(), connection);
  } else {
    stream.finish(result, log_result(asked, request_id, result));
  }
}

// The end of the log in base64; empty unless requested.
std::string InvokeApi::log_result(const InvokeRequest& asked, const std::string& request_id,
                                  const EventResult& result) const {
  if (!asked.log_tail) return {};
  const auto until =
      Clock::now() + (result.ending == Ending::kNotServed ? Clock::duration{} : kLogTimeout);
  const std::string log = lambda_.activity().log_of(request_id, kLogTailBytes, until);
  std::string encoded(base::base64_size(log.size()), '\0');
  base::encode_base64(log, encoded.data());
  return encoded;
}

}  // namespace phork::emulator
