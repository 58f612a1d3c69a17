// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/server.h"

#include <algorithm>
#include <utility>

#include "emulator/observe/log_lines.h"
#include "emulator/runtime_api/protocol.h"

namespace phork::emulator {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

// A runtime may be silent as long as it works, stop in the middle of a response, and be frozen at
// any time: the timeout of its event limits all of that.
constexpr HttpLimits kLimits{
    .timeouts = {.idle = 0ms, .body = 0ms, .send = 0ms},
    .connections = 256,
};

}  // namespace

RuntimeApiServer::RuntimeApiServer(Dispatcher& dispatcher, RuntimeObserver& observer,
                                   Options options)
    : dispatcher_(dispatcher),
      observer_(observer),
      options_(std::move(options)),
      injector_(*this, *this, options_.faults),
      server_(injector_, kLimits) {}

void RuntimeApiServer::stop() {
  // Ends a stream whose caller does not read, so that its thread can end.
  process_ended(Ending::kNotServed, kStoppedType, kStoppedMessage);
  server_.stop();
}

void RuntimeApiServer::process_started() {
  server_.drop_connections();  // they may hold requests of the previous process
  injector_.process_started();
  const std::lock_guard lock(mutex_);
  state_ = RuntimeState::kStarted;
  charge_from_.reset();
  retiring_ = false;
  init_told_ = false;
  held_ = nullptr;
  parked_ = nullptr;
}

void RuntimeApiServer::process_ended(Ending ending, std::string_view error_type,
                                     std::string_view message) {
  dispatcher_.withdraw(*this);
  injector_.process_ended();
  std::optional<EventRecord> record;
  std::optional<EventResult> result;
  EventId id = 0;
  {
    const std::lock_guard lock(mutex_);
    const RuntimeState state = std::exchange(state_, RuntimeState::kEnded);
    held_ = nullptr;
    parked_ = nullptr;
    if (!current_ || current_->closed()) return;
    const Clock::time_point now = Clock::now();
    id = current_->id();
    result = current_->settle_at_exit(ending, error_type, message, now);
    if (ending == Ending::kExited && state == RuntimeState::kResponding) {
      current_->note_failure(message);
    }
    record = current_->close(now);
  }
  if (result) dispatcher_.complete(id, std::move(*result));
  observer_.finished(*record);
}

void RuntimeApiServer::retire() {
  const std::lock_guard lock(mutex_);
  retiring_ = true;
}

bool RuntimeApiServer::retiring() const {
  const std::lock_guard lock(mutex_);
  return retiring_;
}

bool RuntimeApiServer::end_if_idle() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != RuntimeState::kReady || parked_ == nullptr) return false;
    state_ = RuntimeState::kEnded;
    parked_ = nullptr;
  }
  dispatcher_.withdraw(*this);
  return true;
}

void RuntimeApiServer::charge_from(Clock::time_point init_started) {
  const std::lock_guard lock(mutex_);
  charge_from_ = init_started;
}

RuntimeState RuntimeApiServer::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::optional<Clock::time_point> RuntimeApiServer::deadline() const {
  const std::lock_guard lock(mutex_);
  if (!current_ || current_->closed()) return std::nullopt;
  return current_->deadline();
}

bool RuntimeApiServer::admits(const HttpConnection& connection) {
  return observer_.is_runtime(connection.ends());
}

std::size_t RuntimeApiServer::body_limit(const HttpRequest& head) const {
  const std::optional<Route> route = find_route(head.raw_path());
  return post_limit(route ? route->call : RuntimeCall::kResponse);
}

void RuntimeApiServer::handle(HttpRequest request, HttpConnection& connection) {
  const std::string_view path = request.raw_path();
  if (options_.extensions != nullptr && ExtensionsApi::takes(path)) {
    options_.extensions->handle(request, connection);
    return;
  }
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
      connection.send(settle_post(*route, invocation_id(request), [&](const EventUnderWay& event) {
        return judge_post(route->call, request, event.request_id());
      }));
      break;
  }
}

// Waits until no other thread sends on the connection; afterwards no thread knows it.
void RuntimeApiServer::closed(HttpConnection& connection) {
  bool was_parked = false;
  {
    const std::lock_guard lock(mutex_);
    was_parked = parked_ == &connection;
    if (was_parked) parked_ = nullptr;
    if (held_ == &connection) held_ = nullptr;
  }
  if (was_parked) dispatcher_.withdraw(*this);
  if (options_.extensions != nullptr) options_.extensions->closed(connection);
  const std::lock_guard finished(sending_);
}

void RuntimeApiServer::next(HttpConnection& connection) {
  std::unique_lock lock(mutex_);
  const RuntimeState before = state_;
  if (!is_legal(before, RuntimeCall::kNext)) {
    lock.unlock();
    connection.send(illegal_transition(before));
    return;
  }
  if (before == RuntimeState::kRunning) {
    const HttpReply again =
        event_reply(current_->event(), current_->deadline_ms(), options_.function_arn);
    lock.unlock();
    connection.send(again);
    return;
  }
  state_ = RuntimeState::kReady;
  HttpConnection* superseded = std::exchange(parked_, nullptr);
  if (HttpConnection* const held = std::exchange(held_, &connection); held != nullptr) {
    superseded = held;
  }
  if (superseded != nullptr) {
    const std::lock_guard sending(sending_);
    lock.unlock();
    superseded->send(refusal(500, "InternalServerError", "superseded by a later next"));
  } else {
    lock.unlock();
  }
  extensions_changed();
}

void RuntimeApiServer::extensions_changed() {
  if (options_.extensions == nullptr || options_.extensions->ready()) go_on();
}

// Ends the init or event behind the runtime, if it waits in `next`, and offers it to the
// dispatcher. The thread of the runtime and those of extensions come here; one of them goes on.
void RuntimeApiServer::go_on() {
  std::optional<EventRecord> record;
  bool init_done = false;
  {
    const std::lock_guard lock(mutex_);
    if (held_ == nullptr || std::exchange(going_on_, true)) return;
    init_done = !std::exchange(init_told_, true);
    if (current_) record = current_->close(Clock::now());
  }
  if (init_done) observer_.init_done();
  if (record) observer_.finished(*record);
  {
    const std::lock_guard lock(mutex_);
    going_on_ = false;
    HttpConnection* const connection = std::exchange(held_, nullptr);
    // The process was declared ended meanwhile; it will notice that its connection closes.
    if (state_ != RuntimeState::kReady || connection == nullptr) return;
    parked_ = connection;
  }
  dispatcher_.offer(*this);
  if (state() == RuntimeState::kReady) observer_.parked();
}

std::optional<PendingEvent> RuntimeApiServer::deliver(PendingEvent pending) {
  std::unique_lock lock(mutex_);
  if (state_ != RuntimeState::kReady || parked_ == nullptr || retiring_) return pending;
  HttpConnection& connection = *std::exchange(parked_, nullptr);
  state_ = RuntimeState::kRunning;
  const std::vector<Fault> faults = faults_of_event();
  current_.emplace(std::move(pending), time_limit(faults), std::exchange(charge_from_, {}));
  const HttpReply reply =
      event_reply(current_->event(), current_->deadline_ms(), options_.function_arn);
  const InvokeNotice notice = notice_of(*current_);
  {
    const std::lock_guard sending(sending_);
    lock.unlock();
    observer_.handed_out(notice.request_id);
    if (options_.extensions != nullptr) options_.extensions->invoke(notice);
    // Before the event is sent: a fast runtime would have answered before the fault.
    for (const Fault& fault : faults) observer_.fault_due(fault);
    connection.send(reply);
  }
  return std::nullopt;
}

// With mutex_ held.
InvokeNotice RuntimeApiServer::notice_of(const EventUnderWay& under_way) const {
  const Event& event = under_way.event();
  return {event.request_id, under_way.deadline_ms(),
          event.function_arn.empty() ? options_.function_arn : event.function_arn, event.trace_id};
}

std::vector<Fault> RuntimeApiServer::faults_of_event() {
  if (options_.faults == nullptr) return {};
  return options_.faults->take(FaultPoint::kEvent);
}

milliseconds RuntimeApiServer::time_limit(const std::vector<Fault>& faults) const {
  const auto shorter = std::ranges::find(faults, FaultAction::kTimeout, &Fault::action);
  return shorter == faults.end() ? options_.timeout : shorter->duration;
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
  // Before the reply, after which the runtime may end.
  observer_.init_failed(request.body);
  connection.send(accepted());
}

// Judges a response or error, if it is legal now, and completes the event. Returns the reply to the
// runtime.
HttpReply RuntimeApiServer::settle_post(
    const Route& route, std::string_view invocation_id,
    const std::function<PostVerdict(const EventUnderWay&)>& judge) {
  const Clock::time_point now = Clock::now();
  PostVerdict verdict;
  EventId id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (std::optional<HttpReply> refused = refuse(route, invocation_id)) return std::move(*refused);
    verdict = judge(*current_);
    state_ = verdict.state;
    id = current_->id();
    if (verdict.result) current_->settle(*verdict.result, now);
  }
  if (verdict.result) {
    observer_.answered();
    dispatcher_.complete(id, std::move(*verdict.result));
  }
  return std::move(verdict.reply);
}

HttpReply RuntimeApiServer::fail_post(const Route& route, const Fault& fault) {
  return settle_post(route, {}, [&](const EventUnderWay& event) {
    return failed_post(fault, route.call, event.request_id(), options_.timeout);
  });
}

// The refusal of a call that does not belong to the event under way or is illegal in its state;
// nullopt for a legal one. With mutex_ held.
std::optional<HttpReply> RuntimeApiServer::refuse(const Route& route,
                                                  std::string_view invocation_id) const {
  if (!current_ || route.id != current_->request_id()) return invalid_request_id();
  // Older runtimes do not send the invocation id.
  if (!invocation_id.empty() && invocation_id != current_->event().invocation_id) {
    return invalid_request_id();
  }
  if (!is_legal(state_, route.call)) return illegal_transition(state_);
  return std::nullopt;
}

bool RuntimeApiServer::opens(const HttpRequest& head) const {
  if (!is_streaming(head)) return false;
  const std::optional<Route> route = find_route(head.raw_path());
  return route && route->call == RuntimeCall::kResponse && route->method == head.method;
}

void RuntimeApiServer::handle_open(const HttpRequest& head, HttpBody& body,
                                   HttpConnection& connection) {
  const Route route = *find_route(head.raw_path());
  std::optional<HttpReply> refused;
  EventId event_id = 0;
  {
    const std::lock_guard lock(mutex_);
    refused = refuse(route, invocation_id(head));
    if (!refused) {
      state_ = RuntimeState::kResponding;
      current_->begin_stream();
      event_id = current_->id();
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

// Completes the event at the end of its stream, unless the end of the process does it.
void RuntimeApiServer::finish_stream(EventId id, const RelayedStream& relayed,
                                     std::string_view content_type) {
  if (relayed.end == RelayedStream::End::kEnded) return;
  const Clock::time_point now = Clock::now();
  EventResult result;
  {
    const std::lock_guard lock(mutex_);
    if (!current_ || current_->id() != id || !current_->streaming()) return;
    result = judge(relayed, content_type, now);
    // A runtime that stopped in the middle stays in `responding`, as after any body that is cut
    // off.
    if (relayed.end != RelayedStream::End::kCut) state_ = RuntimeState::kResponseSent;
    current_->settle_stream(result, relayed, now);
  }
  observer_.answered();
  dispatcher_.complete(id, std::move(result));
}

// With mutex_ held.
EventResult RuntimeApiServer::judge(const RelayedStream& relayed, std::string_view content_type,
                                    Clock::time_point now) const {
  using End = RelayedStream::End;
  if (relayed.end == End::kComplete) return result_of_trailers(relayed.trailers, content_type);
  if (relayed.end == End::kTooLong) return too_large_result(options_.max_streamed_bytes);
  const std::string& request_id = current_->request_id();
  if (relayed.end == End::kUnwanted) {
    return platform_error(Ending::kAborted, request_id, kCallerGone, describe_failure(relayed.end));
  }
  // When a timeout kills the process, its connection is seen to break before its exit.
  if (now < current_->deadline()) return truncated_result(request_id);
  return platform_error(Ending::kTimedOut, request_id, kTimedOutType,
                        timed_out_message(options_.timeout));
}

}  // namespace phork::emulator
