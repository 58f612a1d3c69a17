// SPDX-License-Identifier: MIT
//
// The calls of a RuntimeApiServer before the first event: errors of the init, and SnapStart. They
// come before there is more than one lane.
#include <string>
#include <utility>

#include "emulator/runtime_api/protocol.h"
#include "emulator/runtime_api/server.h"

namespace phork::emulator {

// True for a request that is none of the Runtime API's, here and now.
bool RuntimeApiServer::answer_beside(const HttpRequest& request, HttpConnection& connection) const {
  const std::string_view path = request.raw_path();
  if (options_.extensions != nullptr && ExtensionsApi::takes(path)) {
    options_.extensions->handle(request, connection);
    return true;
  }
  if (options_.snap_start && path == Credentials::kPath) {
    connection.send(credentials_.reply(request));
    return true;
  }
  const std::optional<Route> route = find_route(path);
  const bool restores = route && (route->call == RuntimeCall::kRestoreNext ||
                                  route->call == RuntimeCall::kRestoreError);
  if (route && (!restores || options_.snap_start)) return false;
  const bool ping = path == "/ping" || path == "/2018-06-01/ping";
  connection.send(ping ? HttpReply{200, {{"Content-Type", "text/plain"}}, "pong"}
                       : HttpReply{404, {{"Content-Type", "text/plain"}}, "404 page not found\n"});
  return true;
}

std::string RuntimeApiServer::credentials_address() const {
  return "http://" + address() + Credentials::kPath;
}

const std::string& RuntimeApiServer::credentials_token() const {
  return credentials_.token();
}

void RuntimeApiServer::restore_next(HttpConnection& connection) {
  RuntimeState before = RuntimeState::kStarted;
  {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_.front();
    before = lane.state;
    if (is_legal(before, RuntimeCall::kRestoreNext) && before != RuntimeState::kRestored) {
      lane.state = RuntimeState::kSnapshot;
      lane.parked = &connection;
    }
  }
  if (!is_legal(before, RuntimeCall::kRestoreNext)) {
    connection.send(illegal_transition(before));
  } else if (before == RuntimeState::kRestored) {
    connection.send({200, {}, {}});  // asked again, as the connection was lost
  } else {
    extensions_changed();
  }
}

// The init is over once the runtime waits for its restore, and all extensions for their next event.
void RuntimeApiServer::take_snapshot() {
  {
    const std::lock_guard lock(mutex_);
    const bool waits = lanes_.front().state == RuntimeState::kSnapshot;
    if (!waits || std::exchange(snapshot_told_, true)) return;
  }
  observer_.awaits_restore();
}

void RuntimeApiServer::restore() {
  credentials_.renew();
  std::unique_lock lock(mutex_);
  Lane& lane = lanes_.front();
  if (lane.state != RuntimeState::kSnapshot) return;
  lane.state = RuntimeState::kRestored;
  HttpConnection* const waiting = std::exchange(lane.parked, nullptr);
  if (waiting == nullptr) return;
  const std::lock_guard sending(sending_);
  lock.unlock();
  waiting->send({200, {}, {}});
}

void RuntimeApiServer::start_error(RuntimeCall call, const HttpRequest& request,
                                   HttpConnection& connection) {
  RuntimeState before = RuntimeState::kStarted;
  {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_.front();
    before = lane.state;
    if (is_legal(before, call)) lane.state = RuntimeState::kInitFailed;
  }
  if (!is_legal(before, call)) {
    connection.send(illegal_transition(before));
    return;
  }
  // Before the reply, after which the runtime may end.
  observer_.init_failed(request.body);
  connection.send(accepted());
}

}  // namespace phork::emulator
