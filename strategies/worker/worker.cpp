// SPDX-License-Identifier: MIT
#include "strategies/worker/worker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "runtime/base/log.h"

namespace phork::strategies {
namespace {

using base::Deadline;
using std::chrono::steady_clock;

// A process whose channel has ended usually exits at once, unless PHP code closed the channel.
constexpr std::chrono::milliseconds kLostTimeout{250};
// A killed process is gone in milliseconds; only an overloaded machine takes seconds.
constexpr std::chrono::seconds kEndTimeout{10};

}  // namespace

std::optional<event::Failure> Worker::await_ready(Deadline deadline) {
  deadlines_ = {base::kNoDeadline, deadline};
  while (state_ == WorkerState::kStarting || (state_ == WorkerState::kLost && !served_)) advance();
  deadlines_ = {base::kNoDeadline, base::kNoDeadline};
  if (state_ == WorkerState::kReady) return std::nullopt;
  if (served_) return std::get<event::Failure>(served_->outcome);
  return worker_lost("did not become ready");
}

bool Worker::ready() {
  deadlines_ = {base::kNoDeadline, steady_clock::now()};
  while (state_ == WorkerState::kReady) {
    const WorkerEvent event = next_event();
    // Nothing has happened up to now.
    if (event == WorkerEvent::kHardDeadline) return true;
    handle(event);
  }
  return false;
}

Served Worker::serve(const event::Invocation& invocation, event::AnswerStream& stream) {
  invocation_ = &invocation;
  stream_ = &stream;
  link_.tag(invocation.request_id, invocation.tenant_id);
  deadlines_ = event_deadlines(invocation, settings_);
  while (state_ == WorkerState::kStarting && !served_) advance();
  if (!served_) {
    auto request = make_request(invocation, ready_.serves, settings_);
    if (!request) {
      invocation_ = nullptr;
      return {event::Failure{"Runtime.InvalidEvent", request.error().text, {}}, {}};
    }
    request_ = std::move(request).value();
    used_ = true;
    ++events_;
    handle(WorkerEvent::kEventSent);
    // Ignore a failed send: the next event shows that the worker is gone, and perhaps why.
    if (!served_) static_cast<void>(link_.send(request_.frame, deadlines_.hard));
  }
  while (!served_) advance();
  invocation_ = nullptr;
  return std::move(*served_);
}

bool Worker::await_return() {
  returns_ = true;
  while (state_ == WorkerState::kAnswered) advance();
  returns_ = false;
  if (state_ != WorkerState::kReady || interrupted_) return false;
  link_.end_lines();
  deadlines_ = {base::kNoDeadline, base::kNoDeadline};
  request_ = {};
  stream_ = nullptr;
  writer_.reset();
  served_.reset();
  used_ = false;
  return true;
}

void Worker::retire() {
  const Deadline deadline = steady_clock::now() + kEndTimeout;
  if (!used_ && state_ != WorkerState::kEnded) {
    process_->kill_group();
    killed_ = true;
    state_ = WorkerState::kEnding;
  }
  while (state_ != WorkerState::kEnded) {
    if (state_ == WorkerState::kEnding) deadlines_ = {base::kNoDeadline, deadline};
    if (state_ == WorkerState::kEnding && steady_clock::now() >= deadline) {
      base::log_error("strategies: end worker: it is still there 10 s after it was killed");
      return;
    }
    advance();
  }
  link_.forward_lines();
}

void Worker::advance() {
  handle(next_event());
}

void Worker::handle(WorkerEvent event) {
  const WorkerStep next = step(state_, event);
  state_ = next.next;
  act(event, next.action);
}

WorkerEvent Worker::next_event() {
  for (;;) {
    // A worker that streams without end always has a frame for us: check its deadlines first.
    if (writer_) {
      if (const auto event = passed_deadline()) return *event;
    }
    // Read pending frames before acting on the process's exit.
    if (const auto event = read_frame()) return *event;
    std::array<pollfd, WorkerLink::kDescriptors + 1> polled{};
    const auto link = std::span(polled).first<WorkerLink::kDescriptors>();
    link_.fill_poll(link);
    polled.back() = {status_ ? -1 : process_->pidfd(), POLLIN, 0};
    base::poll_until(polled, std::min(deadlines_.soft, deadlines_.hard));
    link_.forward_lines(link);
    if (link.front().revents != 0) continue;
    if (polled.back().revents != 0) {
      link_.forward_lines();
      status_ = process_->wait(steady_clock::now() + kEndTimeout);
      return WorkerEvent::kExit;
    }
    // Also after log lines: a worker that floods its log has deadlines too.
    if (const auto event = passed_deadline()) return *event;
  }
}

std::optional<WorkerEvent> Worker::passed_deadline() {
  const Deadline now = steady_clock::now();
  if (now >= deadlines_.hard) return WorkerEvent::kHardDeadline;
  if (now < deadlines_.soft) return std::nullopt;
  deadlines_.soft = base::kNoDeadline;
  return WorkerEvent::kSoftDeadline;
}

std::optional<WorkerEvent> Worker::read_frame() {
  switch (link_.receive()) {
    case WorkerLink::Received::kNothing:
      return std::nullopt;
    case WorkerLink::Received::kGarbage:
      return WorkerEvent::kGarbage;
    case WorkerLink::Received::kEnd:
      return WorkerEvent::kChannelEnd;
    case WorkerLink::Received::kFrame:
      break;
  }
  switch (link_.frame().type) {
    case wire::FrameType::kReady:
      return read_ready();
    case wire::FrameType::kBootFailed:
      return WorkerEvent::kBootFailedFrame;
    case wire::FrameType::kAnswer:
    case wire::FrameType::kResponse:
    case wire::FrameType::kFailure:
    case wire::FrameType::kStreamEnd:
      return WorkerEvent::kAnswerFrame;
    case wire::FrameType::kStreamHead:
    case wire::FrameType::kStreamPiece:
      return WorkerEvent::kPieceFrame;
    default:
      return WorkerEvent::kGarbage;
  }
}

WorkerEvent Worker::read_ready() {
  const auto ready = wire::decode_ready(link_.frame().payload);
  if (!ready) return WorkerEvent::kGarbage;
  ready_ = ready.value();
  return returns_ ? WorkerEvent::kReturnFrame : WorkerEvent::kReadyFrame;
}

void Worker::act(WorkerEvent event, WorkerAction action) {
  const bool kills = action == WorkerAction::kKill || action == WorkerAction::kKillTimedOut ||
                     action == WorkerAction::kKillMisbehaved;
  if (kills) {
    killed_ = true;
    process_->kill_group();
  }
  switch (action) {
    case WorkerAction::kNone:
    case WorkerAction::kKill:
      break;
    case WorkerAction::kDeliver:
      deliver(event);
      break;
    case WorkerAction::kPassOn:
      pass_on();
      break;
    case WorkerAction::kStopListening:
      link_.stop_listening();
      served_ = Served{event::Streamed{}, {}};
      break;
    case WorkerAction::kInterrupt:
      interrupted_ = true;
      process_->interrupt();
      break;
    case WorkerAction::kAwaitExit:
      deadlines_.hard = std::min(deadlines_.hard, steady_clock::now() + kLostTimeout);
      break;
    case WorkerAction::kKillTimedOut:
      if (invocation_ != nullptr) {
        served_ = Served{time_out(), {}};
      } else {
        fail(boot_timed_out(settings_));
      }
      break;
    case WorkerAction::kKillMisbehaved:
      fail(worker_lost(event == WorkerEvent::kHardDeadline ? "closed its channel and did not exit"
                                                           : "sent a frame that is not an answer"));
      break;
    case WorkerAction::kReportDeath:
      crashed_ = !killed_ && status_ && status_->kind == process::ExitStatus::Kind::kSignalled;
      fail(death_failure(status_));
      break;
  }
}

void Worker::deliver(WorkerEvent event) {
  const std::string_view payload = link_.frame().payload;
  if (event == WorkerEvent::kBootFailedFrame) {
    auto failed = wire::decode_failed(payload);
    fail(failed ? std::move(failed->failure)
                : worker_lost("sent a boot failure that cannot be decoded"));
  } else {
    auto served = read_answer(link_.frame(), request_, ready_, writer_.has_value());
    if (served) {
      served_ = std::move(served).value();
    } else {
      fail(worker_lost("sent an answer that cannot be decoded"));
      handle(WorkerEvent::kGarbage);
    }
  }
}

void Worker::pass_on() {
  const base::Status written = write_piece();
  if (written) return;
  // A worker that sent a corrupt frame is not trusted with another.
  if (written.error().kind == base::ErrorKind::kInvalid) return handle(WorkerEvent::kGarbage);
  // After a timeout a slow caller has used up the time: the hard deadline comes next.
  if (written.error().kind != base::ErrorKind::kTimeout) handle(WorkerEvent::kCallerGone);
}

base::Status Worker::write_piece() {
  const wire::Frame& frame = link_.frame();
  if (frame.type == wire::FrameType::kStreamHead) {
    const auto head = wire::decode_stream_head(frame.payload);
    if (!head) return head.error();
    if (writer_) {
      return base::Error{base::ErrorKind::kInvalid,
                         "strategies: read stream: expected a piece, got a second head"};
    }
    writer_.emplace(*stream_, request_.shape.value_or(http::EventShape::kApiGatewayV2));
    return writer_->open(head->status, head->headers, head->bytes, deadlines_.hard);
  }
  const auto piece = wire::decode_stream_piece(frame.payload);
  if (!piece) return piece.error();
  if (!writer_) {
    return base::Error{base::ErrorKind::kInvalid,
                       "strategies: read stream: expected a head, got a piece"};
  }
  return writer_->write(piece->bytes, deadlines_.hard);
}

// The outcome of an event that has no time left: a failure, or 504 for HTTP. After the first bytes
// of a stream it is too late for a status, and a caller that expects a stream gets its 504 as one.
event::Outcome Worker::time_out() {
  if (writer_) return timed_out(*invocation_, std::nullopt);
  if (!settings_.streams || !request_.shape) return timed_out(*invocation_, request_.shape);
  const http::Response response = http::gateway_timeout();
  http::StreamWriter writer(*stream_, *request_.shape);
  static_cast<void>(
      writer.open(response.status, response.headers, response.body, steady_clock::now()));
  return event::Streamed{};
}

void Worker::fail(event::Failure failure) {
  served_ = Served{std::move(failure), {}};
}

}  // namespace phork::strategies
