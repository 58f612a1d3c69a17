// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/fault_injector.h"

#include <algorithm>
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
    default:
      return FaultPoint::kInitError;
  }
}

bool is_post(RuntimeCall call) {
  return call == RuntimeCall::kResponse || call == RuntimeCall::kError;
}

// nullopt for a request that the server refuses anyway, or that has no point for faults.
std::optional<Route> route_of(const HttpRequest& head) {
  std::optional<Route> route = find_route(head.raw_path());
  const bool has_point = route && route->call != RuntimeCall::kRestoreNext &&
                         route->call != RuntimeCall::kRestoreError;
  if (!has_point || route->method != head.method) route.reset();
  return route;
}

HttpReply refusal_of(const Fault& fault) {
  const std::string_view type =
      fault.status == 403 ? "InvalidStateTransition" : "InternalServerError";
  return refusal(fault.status, type, "injected by fault " + fault.spec);
}

}  // namespace

FaultPlan::FaultPlan(std::vector<Fault> faults, LogSink& log)
    : faults_(std::move(faults)), log_(log) {
  for (std::size_t index = 0; index < faults_.size(); ++index) {
    dice_.emplace_back(static_cast<std::mt19937::result_type>(index + 1));
  }
}

bool FaultPlan::has(FaultPoint point) const {
  return std::ranges::any_of(faults_, [point](const Fault& fault) { return fault.point == point; });
}

bool FaultPlan::has(FaultPoint point, FaultAction action) const {
  return std::ranges::any_of(faults_, [point, action](const Fault& fault) {
    return fault.point == point && fault.action == action;
  });
}

std::vector<Fault> FaultPlan::take(FaultPoint point) {
  std::vector<Fault> due;
  if (!has(point)) return due;
  std::uint64_t occurrence = 0;
  {
    const std::lock_guard lock(mutex_);
    occurrence = ++occurrences_[static_cast<std::size_t>(point)];
    for (std::size_t index = 0; index < faults_.size(); ++index) {
      if (faults_[index].point == point && is_due(index, occurrence)) due.push_back(faults_[index]);
    }
  }
  for (const Fault& fault : due) {
    log_.append("fault: " + fault.spec + " injected at " + std::string(name_of(point)) + " " +
                std::to_string(occurrence));
  }
  return due;
}

// With mutex_ held.
bool FaultPlan::is_due(std::size_t index, std::uint64_t occurrence) {
  const Fault& fault = faults_[index];
  // std::uniform_int_distribution differs between libraries; runs must not.
  if (fault.percent > 0) return dice_[index]() % 100 < fault.percent;
  return occurrence == fault.first || (fault.and_later && occurrence > fault.first);
}

void FaultInjector::process_started() {
  const std::lock_guard lock(mutex_);
  ++process_;
  fresh_ = true;
  changed_.notify_all();
}

void FaultInjector::process_ended() {
  const std::lock_guard lock(mutex_);
  ++process_;
  changed_.notify_all();
}

std::size_t FaultInjector::body_limit(const HttpRequest& head) const {
  return server_.body_limit(head);
}

// A reset in the middle of a body needs the request before the body was read.
bool FaultInjector::opens(const HttpRequest& head) const {
  if (server_.opens(head)) return true;
  if (plan_ == nullptr) return false;
  const std::optional<Route> route = route_of(head);
  return route && is_post(route->call) && plan_->has(point_of(route->call), FaultAction::kReset);
}

void FaultInjector::handle(HttpRequest request, HttpConnection& connection) {
  if (inject(request, nullptr, connection) == Verdict::kDone) return;
  server_.handle(std::move(request), connection);
}

void FaultInjector::handle_open(const HttpRequest& head, HttpBody& body,
                                HttpConnection& connection) {
  if (inject(head, &body, connection) == Verdict::kDone) return;
  if (server_.opens(head)) {
    server_.handle_open(head, body, connection);
    return;
  }
  HttpRequest request = head;
  keep_body(body, server_.body_limit(head), request);
  server_.handle(std::move(request), connection);
}

void FaultInjector::closed(HttpConnection& connection) {
  server_.closed(connection);
}

// Applies the faults due at the call. kDone: the call must not reach the server.
FaultInjector::Verdict FaultInjector::inject(const HttpRequest& head, HttpBody* body,
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

std::vector<Fault> FaultInjector::due(RuntimeCall call) {
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

FaultInjector::Verdict FaultInjector::apply(const Fault& fault, const Call& call) {
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
      call.connection.shut_down();  // at once, so that it gets no event
      return Verdict::kDone;
    case FaultAction::kReset:
      if (call.body != nullptr) {
        call.body->next();
        target_.fail_post(call.route, fault);
      }
      call.connection.reset();
      return Verdict::kDone;
    case FaultAction::kFreeze:
      target_.inject(fault);
      [[fallthrough]];
    case FaultAction::kDelay:
      if (pause(fault.duration, call.process)) return Verdict::kPass;
      call.connection.shut_down();
      return Verdict::kDone;
    case FaultAction::kKill:
      target_.inject(fault);
      return Verdict::kDone;
    case FaultAction::kTimeout:
      break;  // applies to events, not to calls
  }
  return Verdict::kPass;
}

// False when the calling process ended during the pause.
bool FaultInjector::pause(std::chrono::milliseconds duration, std::uint64_t process) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [&] { return process_ != process; });
}

std::uint64_t FaultInjector::process() {
  const std::lock_guard lock(mutex_);
  return process_;
}

}  // namespace phork::emulator
