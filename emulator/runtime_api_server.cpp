// SPDX-License-Identifier: MIT
#include "emulator/runtime_api_server.h"

#include <utility>

#include "emulator/log_lines.h"
#include "emulator/runtime_api_protocol.h"

namespace phork::emulator {

using namespace std::chrono;

namespace {

void reply_to_stream(RelayedStream::End end, std::size_t limit, HttpBody& body,
                     HttpConnection& connection) {
  using End = RelayedStream::End;
  switch (end) {
    case End::kComplete:
      connection.send(accepted());
      break;
    case End::kCut:
      connection.send(truncated_request());
      break;
    case End::kTooLong:
      body.drop_rest();
      connection.send(too_large_reply(limit));
      break;
    case End::kUnwanted:
    case End::kEnded:
      connection.shut_down();
      break;
  }
}

}  // namespace

RuntimeApiServer::RuntimeApiServer(Dispatcher& dispatcher, RuntimeObserver& observer,
                                   Options options)
    : dispatcher_(dispatcher), observer_(observer), options_(std::move(options)), server_(*this) {}

void RuntimeApiServer::stop() {
  // Lets a stream go whose caller does not read, so that its thread can end.
  process_ended(Ending::kNotServed, "Emulator.Stopped", "phork is stopping");
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
    const bool streaming = std::exchange(current_->streaming, false);
    if (state == RuntimeState::kRunning || streaming) {
      // To a response under way an exit is the end of its connection, whichever is seen first.
      const std::string& request_id = current_->pending.event.request_id;
      result = streaming && ending == Ending::kExited
                   ? truncated_result(request_id)
                   : platform_error(ending, request_id, error_type, message);
      note_result(*result, now);
    }
    // An end after the answer is no error of the event, unless it was killed for it.
    if (ending == Ending::kTimedOut) current_->record.error_type = error_type;
    if (ending == Ending::kExited && state == RuntimeState::kResponding) {
      current_->record.failure = message;
    }
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

std::size_t RuntimeApiServer::body_limit(const HttpRequest& /*head*/) const {
  return kMaxResponseBytes;
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
    const HttpReply again =
        event_reply(current_->pending.event, current_->deadline_ms, options_.function_arn);
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
  const HttpReply reply =
      event_reply(current.pending.event, current.deadline_ms, options_.function_arn);
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
    if (std::optional<HttpReply> refused = refuse(call, id)) {
      reply = std::move(*refused);
    } else {
      reply = accept_answer(call, request, result);
      event_id = current_->pending.id;
      note_result(result, now);
    }
  }
  if (event_id != 0) dispatcher_.complete(event_id, std::move(result));
  connection.send(reply);
}

// The reply to a call that does not belong to the event under way, or not to its state. With mutex_
// held.
std::optional<HttpReply> RuntimeApiServer::refuse(RuntimeCall call, std::string_view id) const {
  if (!current_ || id != current_->pending.event.request_id) return invalid_request_id();
  if (!is_legal(state_, call)) return illegal_transition(state_);
  return std::nullopt;
}

// Judges a legal response or error: the reply to the runtime, the result for the caller and the
// state that follows. With mutex_ held.
HttpReply RuntimeApiServer::accept_answer(RuntimeCall call, HttpRequest& request,
                                          EventResult& result) {
  const std::string& request_id = current_->pending.event.request_id;
  if (!response_mode(request).empty() && !is_streaming(request)) {
    state_ = RuntimeState::kResponding;
    result = platform_error(Ending::kFailed, request_id, "Runtime.InvalidResponseModeHeader",
                            "expected response mode streaming");
    return refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode");
  }
  if (request.body_truncated) {
    state_ = RuntimeState::kResponding;
    result = truncated_result(request_id);
    return truncated_request();
  }
  state_ = RuntimeState::kResponseSent;
  if (request.body_too_large) {
    result = too_large_result(kMaxResponseBytes);
    return too_large_reply(kMaxResponseBytes);
  }
  result.content_type = request.header("content-type");
  result.body = std::move(request.body);
  result.ending = Ending::kAnswered;
  if (call == RuntimeCall::kError) {
    result.ending = Ending::kFailed;
    result.error_type = valid_error_type(request.header("lambda-runtime-function-error-type"));
  }
  return accepted();
}

bool RuntimeApiServer::opens(const HttpRequest& head) const {
  if (!is_streaming(head)) return false;
  const std::optional<Route> route = find_route(head.raw_path());
  return route && route->call == RuntimeCall::kResponse && route->method == head.method;
}

void RuntimeApiServer::handle_open(const HttpRequest& head, HttpBody& body,
                                   HttpConnection& connection) {
  const std::string id = find_route(head.raw_path())->id;
  std::optional<HttpReply> refused;
  EventId event_id = 0;
  {
    const std::lock_guard lock(mutex_);
    refused = refuse(RuntimeCall::kResponse, id);
    if (!refused) {
      state_ = RuntimeState::kResponding;
      current_->streaming = true;
      event_id = current_->pending.id;
    }
  }
  if (refused) {
    body.drop_rest();
    connection.send(*refused);
    return;
  }
  const std::string content_type(head.header("content-type"));
  RelayedStream relayed;
  StreamPipe* pipe =
      dispatcher_.open_stream(event_id, content_type, [&connection] { connection.stop_reading(); });
  if (pipe != nullptr) relayed = relay_stream(body, *pipe, options_.max_streamed_bytes);
  finish_stream(event_id, relayed, content_type);
  dispatcher_.release_stream(event_id);
  reply_to_stream(relayed.end, options_.max_streamed_bytes, body, connection);
}

// Tells the caller the end of the stream, unless that is for the end of the process to do.
void RuntimeApiServer::finish_stream(EventId id, const RelayedStream& relayed,
                                     std::string_view content_type) {
  if (relayed.end == RelayedStream::End::kEnded) return;
  const Clock::time_point now = Clock::now();
  EventResult result;
  {
    const std::lock_guard lock(mutex_);
    if (!current_ || current_->pending.id != id || !current_->streaming) return;
    current_->streaming = false;
    result = judge(relayed, content_type, now);
    // Who stopped sending in the middle gets no other event, as with any body that is cut.
    if (relayed.end != RelayedStream::End::kCut) state_ = RuntimeState::kResponseSent;
    note_result(result, now);
    if (!result.answered()) current_->record.failure = describe_failure(relayed.end);
    current_->record.streamed = true;
    if (relayed.first_byte) {
      current_->record.first_byte =
          duration_cast<Microseconds>(*relayed.first_byte - current_->handed_out);
    }
  }
  dispatcher_.complete(id, std::move(result));
}

// With mutex_ held.
EventResult RuntimeApiServer::judge(const RelayedStream& relayed, std::string_view content_type,
                                    Clock::time_point now) const {
  using End = RelayedStream::End;
  if (relayed.end == End::kComplete) return result_of_trailers(relayed.trailers, content_type);
  if (relayed.end == End::kTooLong) return too_large_result(options_.max_streamed_bytes);
  const std::string& request_id = current_->pending.event.request_id;
  if (relayed.end == End::kUnwanted) {
    return platform_error(Ending::kAborted, request_id, kCallerGone, describe_failure(relayed.end));
  }
  // A process that is killed for its time is seen to stop sending before it is seen to end.
  if (now < current_->handed_out + options_.timeout) return truncated_result(request_id);
  return platform_error(Ending::kTimedOut, request_id, "Sandbox.Timedout",
                        timed_out_message(options_.timeout));
}

// With mutex_ held.
void RuntimeApiServer::note_result(const EventResult& result, Clock::time_point now) {
  EventRecord& record = current_->record;
  record.ending = result.ending;
  record.error_type = result.error_type;
  record.latency = duration_cast<Microseconds>(now - current_->handed_out);
  record.first_byte = record.latency;
}

// Ends the account of the event under way; its id stays known, to tell a late post from a wrong
// one. With mutex_ held.
EventRecord RuntimeApiServer::take_record(Clock::time_point now) {
  current_->record.billed = duration_cast<Microseconds>(now - current_->handed_out);
  return current_->record;
}

}  // namespace phork::emulator
