// SPDX-License-Identifier: MIT
#include "emulator/runtime_api_server.h"

#include <algorithm>
#include <utility>

namespace phork::emulator {
namespace {

using namespace std::chrono;

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";

HttpReply json_reply(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

HttpReply refusal(int status, std::string_view type, std::string_view message) {
  return json_reply(status, error_json(type, message));
}

HttpReply accepted() {
  return json_reply(202, "{\"status\":\"OK\"}\n");
}

HttpReply illegal_transition(RuntimeState state) {
  const std::string message =
      "State transition is not allowed from " + std::string(state_name(state));
  return refusal(403, "InvalidStateTransition", message);
}

struct Route {
  RuntimeCall call = RuntimeCall::kNext;
  std::string id;  // of response and error
  std::string_view method;
};

// Paths are matched by hand: there are four.
std::optional<Route> find_route(std::string_view path) {
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  if (path == "invocation/next") return Route{RuntimeCall::kNext, {}, "GET"};
  if (path == "init/error") return Route{RuntimeCall::kInitError, {}, "POST"};
  constexpr std::string_view kInvocation = "invocation/";
  if (!path.starts_with(kInvocation)) return std::nullopt;
  path.remove_prefix(kInvocation.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view action = path.substr(slash + 1);
  std::string id = percent_decode(path.substr(0, slash));
  if (action == "response") return Route{RuntimeCall::kResponse, std::move(id), "POST"};
  if (action == "error") return Route{RuntimeCall::kError, std::move(id), "POST"};
  return std::nullopt;
}

bool is_streaming(const HttpRequest& request) {
  return request.header("lambda-runtime-function-response-mode") == "streaming";
}

// (Runtime|Function).Xxxx is kept, anything else is rewritten, as the platform does.
std::string valid_error_type(std::string_view type) {
  const bool runtime = type.starts_with("Runtime.");
  const std::size_t dot = type.find('.');
  if (runtime || type.starts_with("Function.")) {
    const std::string_view name = type.substr(dot + 1);
    const auto is_word = [](char byte) {
      return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
             (byte >= '0' && byte <= '9');
    };
    const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    if (capital && std::ranges::all_of(name, is_word)) return std::string(type);
  }
  return runtime ? "Runtime.Unknown" : "Function.Unknown";
}

}  // namespace

RuntimeApiServer::RuntimeApiServer(Dispatcher& dispatcher, RuntimeObserver& observer,
                                   Options options)
    : dispatcher_(dispatcher), observer_(observer), options_(std::move(options)), server_(*this) {}

void RuntimeApiServer::stop() {
  dispatcher_.withdraw(*this);
  server_.stop();
}

void RuntimeApiServer::process_started() {
  server_.drop_connections();  // the last process may have left requests behind in them
  const std::lock_guard lock(mutex_);
  state_ = RuntimeState::kStarted;
  parked_ = nullptr;
}

void RuntimeApiServer::process_ended(Ending ending, std::string_view error_type,
                                     std::string_view message) {
  dispatcher_.withdraw(*this);
  std::optional<EventRecord> record;
  std::optional<EventResult> result;
  EventId id = 0;
  {
    const std::lock_guard lock(mutex_);
    const RuntimeState state = std::exchange(state_, RuntimeState::kEnded);
    parked_ = nullptr;
    if (!current_) return;
    id = current_->pending.id;
    const Clock::time_point now = Clock::now();
    if (state == RuntimeState::kRunning) {
      result = platform_error(ending, current_->pending.event.request_id, error_type, message);
      current_->record.ending = ending;
      current_->record.latency = duration_cast<Microseconds>(now - current_->handed_out);
    }
    // An end after the answer is no error of the event, unless it was killed for it.
    if (result || ending == Ending::kTimedOut) current_->record.error_type = error_type;
    if (state == RuntimeState::kRunning || state == RuntimeState::kResponding ||
        state == RuntimeState::kResponseSent) {
      record = take_record(now);
    }
  }
  if (result) dispatcher_.complete(id, std::move(*result));
  if (record) observer_.finished(*record);
}

RuntimeState RuntimeApiServer::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::optional<Clock::time_point> RuntimeApiServer::deadline() const {
  const std::lock_guard lock(mutex_);
  const bool busy = state_ == RuntimeState::kRunning || state_ == RuntimeState::kResponding ||
                    state_ == RuntimeState::kResponseSent;
  if (!busy || !current_) return std::nullopt;
  return current_->handed_out + options_.timeout;
}

std::size_t RuntimeApiServer::body_limit(const HttpRequest& head) const {
  return is_streaming(head) ? kMaxStreamedBytes : kMaxResponseBytes;
}

void RuntimeApiServer::handle(HttpRequest request, HttpConnection& connection) {
  const std::string_view path = request.raw_path();
  std::optional<Route> route = find_route(path);
  if (!route) {
    const bool ping = path == "/ping" || path == "/2018-06-01/ping";
    connection.send(ping
                        ? HttpReply{200, {{"Content-Type", "text/plain"}}, "pong"}
                        : HttpReply{404, {{"Content-Type", "text/plain"}}, "404 page not found\n"});
    return;
  }
  if (request.method != route->method) {
    connection.send({405, {{"Allow", std::string(route->method)}}, {}});
    return;
  }
  switch (route->call) {
    case RuntimeCall::kNext:
      next(connection);
      break;
    case RuntimeCall::kInitError:
      init_error(request, connection);
      break;
    case RuntimeCall::kResponse:
    case RuntimeCall::kError:
      answer(route->call, route->id, std::move(request), connection);
      break;
  }
}

// Waits for a send under way from another thread: afterwards nobody knows the connection.
void RuntimeApiServer::closed(HttpConnection& connection) {
  bool was_parked = false;
  {
    const std::lock_guard lock(mutex_);
    was_parked = parked_ == &connection;
    if (was_parked) parked_ = nullptr;
  }
  if (was_parked) dispatcher_.withdraw(*this);
  const std::lock_guard finished(sending_);
}

void RuntimeApiServer::next(HttpConnection& connection) {
  const Clock::time_point now = Clock::now();
  std::unique_lock lock(mutex_);
  const RuntimeState before = state_;
  if (!is_legal(before, RuntimeCall::kNext)) {
    lock.unlock();
    connection.send(illegal_transition(before));
    return;
  }
  if (before == RuntimeState::kRunning) {
    const HttpReply again = event_reply();
    lock.unlock();
    connection.send(again);
    return;
  }
  state_ = RuntimeState::kReady;
  HttpConnection* superseded = std::exchange(parked_, nullptr);
  std::optional<EventRecord> record;
  if (before == RuntimeState::kResponseSent) record = take_record(now);
  if (superseded != nullptr) {
    const std::lock_guard sending(sending_);
    lock.unlock();
    superseded->send(refusal(500, "InternalServerError", "superseded by a later next"));
  } else {
    lock.unlock();
  }
  if (before == RuntimeState::kStarted) observer_.init_done();
  if (record) observer_.finished(*record);
  park(connection);
}

void RuntimeApiServer::park(HttpConnection& connection) {
  {
    const std::lock_guard lock(mutex_);
    // Otherwise the process was declared dead meanwhile; its connection will tell it.
    if (state_ != RuntimeState::kReady) return;
    parked_ = &connection;
  }
  dispatcher_.offer(*this);
}

std::optional<PendingEvent> RuntimeApiServer::deliver(PendingEvent pending) {
  std::unique_lock lock(mutex_);
  if (state_ != RuntimeState::kReady || parked_ == nullptr) return pending;
  HttpConnection& connection = *std::exchange(parked_, nullptr);
  state_ = RuntimeState::kRunning;
  current_ = Current();
  Current& current = *current_;
  current.pending = std::move(pending);
  current.record.request_id = current.pending.event.request_id;
  current.handed_out = Clock::now();
  const auto deadline = time_point_cast<milliseconds>(system_clock::now() + options_.timeout);
  current.deadline_ms = deadline.time_since_epoch().count();
  current.record.queued =
      duration_cast<Microseconds>(current.handed_out - current.pending.submitted);
  const HttpReply reply = event_reply();
  const std::string request_id = current.record.request_id;
  const std::lock_guard sending(sending_);
  lock.unlock();
  observer_.handed_out(request_id);
  connection.send(reply);
  return std::nullopt;
}

void RuntimeApiServer::init_error(const HttpRequest& request, HttpConnection& connection) {
  RuntimeState before = RuntimeState::kStarted;
  {
    const std::lock_guard lock(mutex_);
    before = state_;
    if (is_legal(before, RuntimeCall::kInitError)) state_ = RuntimeState::kInitFailed;
  }
  if (before != RuntimeState::kStarted) {
    connection.send(illegal_transition(before));
    return;
  }
  // First, so that it is known by the time the runtime has its answer and may end.
  observer_.init_failed(request.body);
  connection.send(accepted());
}

void RuntimeApiServer::answer(RuntimeCall call, std::string_view id, HttpRequest request,
                              HttpConnection& connection) {
  const Clock::time_point now = Clock::now();
  HttpReply reply;
  EventResult result;
  EventId event_id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!current_ || id != current_->pending.event.request_id) {
      reply = refusal(400, "InvalidRequestID", "Invalid request ID");
    } else if (!is_legal(state_, call)) {
      reply = illegal_transition(state_);
    } else {
      reply = accept_answer(call, request, result);
      event_id = current_->pending.id;
      current_->record.latency = duration_cast<Microseconds>(now - current_->handed_out);
      current_->record.ending = result.ending;
      current_->record.error_type = result.error_type;
    }
  }
  if (event_id != 0) dispatcher_.complete(event_id, std::move(result));
  connection.send(reply);
}

// Judges a legal response or error: the reply to the runtime, the result for the caller and the
// state that follows. With mutex_ held.
HttpReply RuntimeApiServer::accept_answer(RuntimeCall call, HttpRequest& request,
                                          EventResult& result) {
  const std::string& request_id = current_->pending.event.request_id;
  const std::string_view mode = request.header("lambda-runtime-function-response-mode");
  if (!mode.empty() && !is_streaming(request)) {
    state_ = RuntimeState::kResponding;
    result = platform_error(Ending::kFailed, request_id, "Runtime.InvalidResponseModeHeader",
                            "expected response mode streaming");
    return refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode");
  }
  if (request.body_truncated) {
    state_ = RuntimeState::kResponding;
    result = platform_error(Ending::kFailed, request_id, "Runtime.TruncatedResponse",
                            "the body of the response was cut off");
    return refusal(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");
  }
  state_ = RuntimeState::kResponseSent;
  if (request.body_too_large) {
    const std::string message = "Response payload size exceeded maximum allowed payload size (" +
                                std::to_string(body_limit(request)) + " bytes).";
    result = {Ending::kFailed, error_json("Function.ResponseSizeTooLarge", message),
              "Function.ResponseSizeTooLarge", "application/json"};
    return refusal(413, "RequestEntityTooLarge", message);
  }
  result.content_type = request.header("content-type");
  result.streamed = is_streaming(request);
  result.body = std::move(request.body);
  result.ending = Ending::kAnswered;
  if (call == RuntimeCall::kError) {
    result.ending = Ending::kFailed;
    result.error_type = valid_error_type(request.header("lambda-runtime-function-error-type"));
  }
  return accepted();
}

// The event under way as `next` answers it. With mutex_ held.
HttpReply RuntimeApiServer::event_reply() const {
  const Event& event = current_->pending.event;
  HttpReply reply;
  reply.headers = {
      {"Content-Type", "application/json"},
      {"Lambda-Runtime-Aws-Request-Id", event.request_id},
      {"Lambda-Runtime-Invocation-Id", event.invocation_id},
      {"Lambda-Runtime-Deadline-Ms", std::to_string(current_->deadline_ms)},
      {"Lambda-Runtime-Invoked-Function-Arn",
       event.function_arn.empty() ? options_.function_arn : event.function_arn},
      {"Lambda-Runtime-Trace-Id", event.trace_id},
  };
  const auto add = [&reply](const char* name, const std::string& value) {
    if (!value.empty()) reply.headers.push_back({name, value});
  };
  add("Lambda-Runtime-Client-Context", event.client_context);
  add("Lambda-Runtime-Cognito-Identity", event.cognito_identity);
  add("Lambda-Runtime-Aws-Tenant-Id", event.tenant_id);
  reply.body = event.payload;
  return reply;
}

// Ends the account of the event under way; its id stays known, to tell a late post from a wrong
// one. With mutex_ held.
EventRecord RuntimeApiServer::take_record(Clock::time_point now) {
  current_->record.billed = duration_cast<Microseconds>(now - current_->handed_out);
  return current_->record;
}

}  // namespace phork::emulator
