// SPDX-License-Identifier: MIT
//
// Responses that are streamed.
#include <utility>

#include "emulator/observe/log_lines.h"
#include "emulator/runtime_api/server.h"

namespace phork::emulator {

bool RuntimeApiServer::opens(const HttpRequest& head) const {
  if (!is_streaming(head)) return false;
  const std::optional<Route> route = find_route(head.raw_path());
  return route && route->call == RuntimeCall::kResponse && route->method == head.method;
}

void RuntimeApiServer::handle_open(const HttpRequest& head, HttpBody& body,
                                   HttpConnection& connection) {
  const Route route = *find_route(head.raw_path());
  std::optional<HttpReply> refused;
  Lane* lane = nullptr;
  EventId event_id = 0;
  {
    const std::lock_guard lock(mutex_);
    lane = find_lane(route, invocation_id(head), refused);
    if (lane != nullptr) {
      lane->state = RuntimeState::kResponding;
      lane->current->begin_stream();
      event_id = lane->current->id();
    }
  }
  if (lane == nullptr) {
    body.drop_rest();
    connection.send(*refused);
    return;
  }
  const std::string content_type(head.header("content-type"));
  RelayedStream relayed;
  StreamPipe* pipe =
      dispatcher_.open_stream(event_id, content_type, [&connection] { connection.stop_reading(); });
  if (pipe != nullptr) relayed = relay_stream(body, *pipe, options_.max_streamed_bytes);
  finish_stream(*lane, event_id, relayed, content_type);
  dispatcher_.release_stream(event_id);
  reply_to_stream(relayed.end, options_.max_streamed_bytes, body, connection);
}

// Completes the event at the end of its stream, unless the end of the process does it.
void RuntimeApiServer::finish_stream(Lane& lane, EventId id, const RelayedStream& relayed,
                                     std::string_view content_type) {
  if (relayed.end == RelayedStream::End::kEnded) return;
  const Clock::time_point now = Clock::now();
  EventResult result;
  {
    const std::lock_guard lock(mutex_);
    if (!lane.current || lane.current->id() != id || !lane.current->streaming()) return;
    result = judge(*lane.current, relayed, content_type, now);
    // A runtime that stopped in the middle stays in `responding`, as after any body that is cut
    // off.
    if (relayed.end != RelayedStream::End::kCut) lane.state = RuntimeState::kResponseSent;
    lane.current->settle_stream(result, relayed, now);
  }
  observer_.answered();
  dispatcher_.complete(id, std::move(result));
}

// With mutex_ held.
EventResult RuntimeApiServer::judge(const EventUnderWay& current, const RelayedStream& relayed,
                                    std::string_view content_type, Clock::time_point now) const {
  using End = RelayedStream::End;
  if (relayed.end == End::kComplete) return result_of_trailers(relayed.trailers, content_type);
  if (relayed.end == End::kTooLong) return too_large_result(options_.max_streamed_bytes);
  const std::string& request_id = current.request_id();
  if (relayed.end == End::kUnwanted) {
    return platform_error(Ending::kAborted, request_id, kCallerGone, describe_failure(relayed.end));
  }
  // When a timeout kills the process, its connection is seen to break before its exit.
  if (now < current.deadline()) return truncated_result(request_id);
  return platform_error(Ending::kTimedOut, request_id, kTimedOutType,
                        timed_out_message(options_.timeout));
}

}  // namespace phork::emulator
