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
      credentials_(options_.keys),
      injector_(*this, *this, options_.faults),
      server_(injector_, kLimits) {
  lanes_.emplace_back(static_cast<LaneOwner&>(*this));
}

void RuntimeApiServer::stop() {
  // Ends a stream whose caller does not read, so that its thread can end.
  process_ended(Ending::kNotServed, kStoppedType, kStoppedMessage);
  server_.stop();
}

bool RuntimeApiServer::admits(const HttpConnection& connection) {
  return observer_.is_runtime(connection.ends());
}

std::size_t RuntimeApiServer::body_limit(const HttpRequest& head) const {
  const std::optional<Route> route = find_route(head.raw_path());
  return post_limit(route ? route->call : RuntimeCall::kResponse);
}

void RuntimeApiServer::handle(HttpRequest request, HttpConnection& connection) {
  if (answer_beside(request, connection)) return;
  const std::optional<Route> route = find_route(request.raw_path());
  if (request.method != route->method) {
    connection.send({405, {{"Allow", std::string(route->method)}}, {}});
    return;
  }
  switch (route->call) {
    case RuntimeCall::kNext:
      next(connection);
      break;
    case RuntimeCall::kInitError:
    case RuntimeCall::kRestoreError:
      start_error(route->call, request, connection);
      break;
    case RuntimeCall::kRestoreNext:
      restore_next(connection);
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
  Lane* was_parked = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (Lane& lane : lanes_) {
      if (lane.held == &connection) lane.held = nullptr;
      if (lane.parked != &connection) continue;
      lane.parked = nullptr;
      was_parked = &lane;
    }
  }
  if (was_parked != nullptr) dispatcher_.withdraw(*was_parked);
  if (options_.extensions != nullptr) options_.extensions->closed(connection);
  const std::lock_guard finished(sending_);
}

// Connections come and go. With mutex_ held.
Lane& RuntimeApiServer::lane_for_next() {
  Lane& first = lanes_.front();
  const bool takes_none = first.state == RuntimeState::kInitFailed ||
                          first.state == RuntimeState::kEnded ||
                          first.state == RuntimeState::kSnapshot;
  if (options_.slots <= 1 || takes_none) return first;
  const auto is_free = [](const Lane& lane) {
    const bool left = lane.state == RuntimeState::kReady && !lane.parked && !lane.held;
    return left || lane.state == RuntimeState::kStarted || lane.state == RuntimeState::kRestored ||
           lane.state == RuntimeState::kResponseSent;
  };
  const auto found = std::ranges::find_if(lanes_, is_free);
  return found == lanes_.end() ? lanes_.emplace_back(static_cast<LaneOwner&>(*this)) : *found;
}

void RuntimeApiServer::next(HttpConnection& connection) {
  std::unique_lock lock(mutex_);
  Lane& lane = lane_for_next();
  const RuntimeState before = lane.state;
  if (!is_legal(before, RuntimeCall::kNext)) {
    lock.unlock();
    connection.send(illegal_transition(before));
    return;
  }
  if (before == RuntimeState::kRunning) {
    const HttpReply again =
        event_reply(lane.current->event(), lane.current->deadline_ms(), options_.function_arn);
    lock.unlock();
    connection.send(again);
    return;
  }
  if (before == RuntimeState::kStarted || before == RuntimeState::kRestored) ++lanes_used_;
  lane.state = RuntimeState::kReady;
  HttpConnection* superseded = std::exchange(lane.parked, nullptr);
  if (HttpConnection* const held = std::exchange(lane.held, &connection); held != nullptr) {
    superseded = held;
  }
  if (superseded != nullptr) {
    const std::lock_guard sending(sending_);
    lock.unlock();
    superseded->send(refusal(500, "InternalServerError", "superseded by a later next"));
  } else {
    lock.unlock();
  }
  if (options_.extensions == nullptr || options_.extensions->ready()) go_on(lane);
}

void RuntimeApiServer::extensions_changed() {
  if (options_.extensions != nullptr && !options_.extensions->ready()) return;
  take_snapshot();
  std::vector<Lane*> held;
  {
    const std::lock_guard lock(mutex_);
    for (Lane& lane : lanes_) {
      if (lane.held != nullptr) held.push_back(&lane);
    }
  }
  for (Lane* const lane : held) go_on(*lane);
}

// Ends the init or event behind the runtime, if it waits in `next`, and offers the lane to the
// dispatcher. The thread of the runtime and those of extensions come here; one of them goes on.
void RuntimeApiServer::go_on(Lane& lane) {
  std::optional<EventRecord> record;
  bool init_done = false;
  {
    const std::lock_guard lock(mutex_);
    if (lane.held == nullptr || std::exchange(lane.going_on, true)) return;
    init_done = !std::exchange(init_told_, true);
    if (lane.current) record = lane.current->close(Clock::now());
  }
  if (init_done) observer_.init_done();
  if (record) observer_.finished(*record);
  {
    const std::lock_guard lock(mutex_);
    lane.going_on = false;
    HttpConnection* const connection = std::exchange(lane.held, nullptr);
    // The process was declared ended meanwhile; it will notice that its connection closes.
    if (lane.state != RuntimeState::kReady || connection == nullptr) return;
    lane.parked = connection;
  }
  dispatcher_.offer(lane);
  if (state() == RuntimeState::kReady) observer_.parked();
}

std::optional<PendingEvent> RuntimeApiServer::deliver(Lane& lane, PendingEvent pending) {
  std::unique_lock lock(mutex_);
  if (lane.state != RuntimeState::kReady || lane.parked == nullptr || retiring_) return pending;
  HttpConnection& connection = *std::exchange(lane.parked, nullptr);
  lane.state = RuntimeState::kRunning;
  const std::vector<Fault> faults = faults_of_event();
  EventUnderWay& current =
      lane.current.emplace(std::move(pending), time_limit(faults), std::exchange(charge_from_, {}));
  const HttpReply reply =
      event_reply(current.event(), current.deadline_ms(), options_.function_arn);
  const InvokeNotice notice = notice_of(current);
  {
    const std::lock_guard sending(sending_);
    lock.unlock();
    observer_.handed_out(notice.request_id);
    // Where events overlap, extensions get none.
    if (options_.extensions != nullptr && options_.slots <= 1) options_.extensions->invoke(notice);
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
    std::optional<HttpReply> refused;
    Lane* const lane = find_lane(route, invocation_id, refused);
    if (lane == nullptr) return std::move(*refused);
    verdict = judge(*lane->current);
    lane->state = verdict.state;
    id = lane->current->id();
    if (verdict.result) lane->current->settle(*verdict.result, now);
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

// The lane with the event that the call is about. A call that belongs to no event under way, or is
// illegal in its state, is refused instead. With mutex_ held.
Lane* RuntimeApiServer::find_lane(const Route& route, std::string_view invocation_id,
                                  std::optional<HttpReply>& refused) {
  Lane* found = nullptr;
  for (Lane& lane : lanes_) {
    if (!lane.current || lane.current->request_id() != route.id) continue;
    if (found == nullptr || found->current->closed()) found = &lane;
  }
  // Older runtimes do not send the invocation id.
  if (found == nullptr ||
      (!invocation_id.empty() && invocation_id != found->current->event().invocation_id)) {
    refused = invalid_request_id();
    return nullptr;
  }
  if (expired(*found)) {
    found->state = RuntimeState::kResponseSent;
    refused = refusal(410, "InvokeTimeout", "Invoke timeout");
    return nullptr;
  }
  if (is_legal(found->state, route.call)) return found;
  refused = illegal_transition(found->state);
  return nullptr;
}

}  // namespace phork::emulator
