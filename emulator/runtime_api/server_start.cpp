// SPDX-License-Identifier: MIT
//
// The calls of a RuntimeApiServer before the first event: errors of the init, and SnapStart.
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

void RuntimeApiServer::restore_next(HttpConnection& connection) {
  RuntimeState before = RuntimeState::kStarted;
  {
    const std::lock_guard lock(mutex_);
    before = state_;
    if (is_legal(before, RuntimeCall::kRestoreNext) && before != RuntimeState::kRestored) {
      state_ = RuntimeState::kSnapshot;
      parked_ = &connection;
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
    if (state_ != RuntimeState::kSnapshot || std::exchange(snapshot_told_, true)) return;
  }
  observer_.awaits_restore();
}

void RuntimeApiServer::restore() {
  credentials_.renew();
  std::unique_lock lock(mutex_);
  if (state_ != RuntimeState::kSnapshot) return;
  state_ = RuntimeState::kRestored;
  HttpConnection* const waiting = std::exchange(parked_, nullptr);
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
    before = state_;
    if (is_legal(before, call)) state_ = RuntimeState::kInitFailed;
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
