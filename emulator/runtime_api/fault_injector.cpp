// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/fault_injector.h"

#include <iterator>
#include <optional>
#include <utility>

namespace phork::emulator {
namespace {

constexpr FaultPoint point_of(RuntimeCall call) {
  switch (call) {
    case RuntimeCall::kNext:
      return FaultPoint::kNext;
    case RuntimeCall::kResponse:
      return FaultPoint::kResponse;
    case RuntimeCall::kError:
      return FaultPoint::kError;
    case RuntimeCall::kInitError:
      break;
  }
  return FaultPoint::kInitError;
}

bool is_post(RuntimeCall call) {
  return call == RuntimeCall::kResponse || call == RuntimeCall::kError;
}

// Empty for what the server refuses anyway: that is no call.
std::optional<Route> route_of(const HttpRequest& head) {
  std::optional<Route> route = find_route(head.raw_path());
  if (route && route->method != head.method) route.reset();
  return route;
}

HttpReply refusal_of(const Fault& fault) {
  const std::string_view type =
      fault.status == 403 ? "InvalidStateTransition" : "InternalServerError";
  return refusal(fault.status, type, "injected by fault " + fault.spec);
}

}  // namespace

void FaultGate::process_started() {
  const std::lock_guard lock(mutex_);
  ++process_;
  fresh_ = true;
  changed_.notify_all();
}

void FaultGate::process_ended() {
  const std::lock_guard lock(mutex_);
  ++process_;
  changed_.notify_all();
}

std::size_t FaultGate::body_limit(const HttpRequest& head) const {
  return server_.body_limit(head);
}

// A reset in the middle of a body needs the call before its body has come.
bool FaultGate::opens(const HttpRequest& head) const {
  if (server_.opens(head)) return true;
  if (plan_ == nullptr) return false;
  const std::optional<Route> route = route_of(head);
  return route && is_post(route->call) && plan_->has(point_of(route->call), FaultAction::kReset);
}

void FaultGate::handle(HttpRequest request, HttpConnection& connection) {
  if (strike(request, nullptr, connection) == Verdict::kDone) return;
  server_.handle(std::move(request), connection);
}

void FaultGate::handle_open(const HttpRequest& head, HttpBody& body, HttpConnection& connection) {
  if (strike(head, &body, connection) == Verdict::kDone) return;
  if (server_.opens(head)) {
    server_.handle_open(head, body, connection);
    return;
  }
  HttpRequest request = head;
  keep_body(body, server_.body_limit(head), request);
  server_.handle(std::move(request), connection);
}

void FaultGate::closed(HttpConnection& connection) {
  server_.closed(connection);
}

// Whether the call goes on afterwards.
FaultGate::Verdict FaultGate::strike(const HttpRequest& head, HttpBody* body,
                                     HttpConnection& connection) {
  if (plan_ == nullptr) return Verdict::kPass;
  const std::optional<Route> route = route_of(head);
  if (!route) return Verdict::kPass;
  const Call call{*route, body, connection, process()};
  for (const Fault& fault : due(route->call)) {
    if (apply(fault, call) == Verdict::kDone) return Verdict::kDone;
  }
  return Verdict::kPass;
}

std::vector<Fault> FaultGate::due(RuntimeCall call) {
  bool first_next = false;
  if (call == RuntimeCall::kNext) {
    const std::lock_guard lock(mutex_);
    first_next = std::exchange(fresh_, false);
  }
  std::vector<Fault> all;
  if (first_next) all = plan_->take(FaultPoint::kInit);
  std::vector<Fault> more = plan_->take(point_of(call));
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

FaultGate::Verdict FaultGate::apply(const Fault& fault, const Call& call) {
  switch (fault.action) {
    case FaultAction::kStatus:
      if (call.body != nullptr) call.body->drop_rest();
      call.connection.send(is_post(call.route.call) ? target_.fail_post(call.route, fault)
                                                    : refusal_of(fault));
      return Verdict::kDone;
    case FaultAction::kDrop:
      if (call.route.call != RuntimeCall::kNext) {
        call.connection.lose_reply();
        return Verdict::kPass;
      }
      call.connection.shut_down();  // at once: no event may go to it
      return Verdict::kDone;
    case FaultAction::kReset:
      if (call.body != nullptr) {
        call.body->next();
        target_.fail_post(call.route, fault);
      }
      call.connection.reset();
      return Verdict::kDone;
    case FaultAction::kFreeze:
      target_.afflict(fault);
      [[fallthrough]];
    case FaultAction::kDelay:
      if (pause(fault.duration, call.process)) return Verdict::kPass;
      call.connection.shut_down();
      return Verdict::kDone;
    case FaultAction::kKill:
      target_.afflict(fault);
      return Verdict::kDone;
    case FaultAction::kTimeout:
      break;  // of events, not of calls
  }
  return Verdict::kPass;
}

// False when the process that called is gone by then.
bool FaultGate::pause(std::chrono::milliseconds duration, std::uint64_t process) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [&] { return process_ != process; });
}

std::uint64_t FaultGate::process() {
  const std::lock_guard lock(mutex_);
  return process_;
}

}  // namespace phork::emulator
