// SPDX-License-Identifier: MIT
#include "strategies/worker_link.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/socket_io.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_variables.h"
#include "runtime/http/event_reader.h"
#include "runtime/http/invocation_context.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;
using base::Result;

// Forwards a line of PHP's to our own stream of the same name, as one write.
process::LineReader::Sink forward_to(int fd) {
  return [fd](std::string_view line) {
    std::string whole(line);
    whole.push_back('\n');
    // Where Lambda no longer listens, the line has nowhere to go.
    [[maybe_unused]] const auto written = ::write(fd, whole.data(), whole.size());
  };
}

const process::LineReader::Sink& to_standard_output() {
  static const process::LineReader::Sink sink = forward_to(STDOUT_FILENO);
  return sink;
}

const process::LineReader::Sink& to_standard_error() {
  static const process::LineReader::Sink sink = forward_to(STDERR_FILENO);
  return sink;
}

EventUsage to_usage(const wire::Usage& usage, const wire::Ready& ready) {
  return {usage.minor_faults, usage.php_us, ready.generation};
}

Error unexpected_frame(const char* expected, wire::FrameType came) {
  return Error{ErrorKind::kInvalid, std::string("strategies: hear worker: expected ") + expected +
                                        ", got frame type " +
                                        std::to_string(static_cast<int>(came))};
}

Result<Served> read_failure(const wire::Frame& frame, const wire::Ready& ready) {
  auto failed = wire::decode_failed(frame.payload);
  if (!failed) return std::move(failed).error();
  return Served{std::move(failed->failure), to_usage(failed->usage, ready)};
}

Result<Served> read_handler_answer(const wire::Frame& frame, const wire::Ready& ready) {
  if (frame.type == wire::FrameType::kFailure) return read_failure(frame, ready);
  if (frame.type != wire::FrameType::kAnswer) return unexpected_frame("an answer", frame.type);
  const auto answer = wire::decode_answer(frame.payload);
  if (!answer) return answer.error();
  return Served{base::Answer{std::string(answer->json)}, to_usage(answer->usage, ready)};
}

Result<Served> read_response(const wire::Frame& frame, const wire::Ready& ready,
                             http::EventShape shape) {
  if (frame.type == wire::FrameType::kFailure) return read_failure(frame, ready);
  if (frame.type != wire::FrameType::kResponse) return unexpected_frame("a response", frame.type);
  auto response = wire::decode_response(frame.payload);
  if (!response) return std::move(response).error();
  const http::Response converted{response->status, std::move(response->headers),
                                 std::string(response->body)};
  return Served{base::Answer{http::write_answer(converted, shape)},
                to_usage(response->usage, ready)};
}

}  // namespace

WorkerLink::WorkerLink(Fd channel, Fd standard_output, Fd standard_error)
    : channel_(std::move(channel)),
      standard_output_(std::move(standard_output)),
      standard_error_(std::move(standard_error)) {}

Result<WorkerLink> WorkerLink::open(WorkerDescriptors& theirs) {
  auto channel = base::make_socket_pair(SOCK_STREAM);
  if (!channel) return std::move(channel).error();
  // Only our end: a worker that does not read must not hold up the slot beyond its deadline.
  if (::fcntl(channel->first.get(), F_SETFL, O_NONBLOCK) == -1) {
    return base::system_error("strategies: make channel non-blocking", errno);
  }
  auto output = base::make_log_pipe();
  if (!output) return std::move(output).error();
  auto error = base::make_log_pipe();
  if (!error) return std::move(error).error();
  theirs = {std::move(channel->second), std::move(output->second), std::move(error->second)};
  return WorkerLink(std::move(channel->first), std::move(output->first), std::move(error->first));
}

Result<wire::Ready> WorkerLink::wait_ready(base::Deadline deadline) {
  const auto frame = receive(deadline);
  if (!frame) return frame.error();
  if (frame->type == wire::FrameType::kBootFailed) {
    auto failed = wire::decode_failed(frame->payload);
    if (!failed) return std::move(failed).error();
    boot_failure_ = std::move(failed->failure);
    return Error{ErrorKind::kRefused, boot_failure_.message};
  }
  if (frame->type != wire::FrameType::kReady) return unexpected_frame("ready", frame->type);
  auto ready = wire::decode_ready(frame->payload);
  if (ready) ready_ = ready.value();
  return ready;
}

Result<Served> WorkerLink::serve(const base::Invocation& invocation, const Settings& settings,
                                 base::Deadline deadline) {
  if (ready_.serves == wire::Serves::kHttp) return serve_http(invocation, settings, deadline);
  const auto frame = exchange(wire::encode(invocation), deadline);
  if (!frame) return frame.error();
  return read_handler_answer(frame.value(), ready_);
}

Result<Served> WorkerLink::serve_http(const base::Invocation& invocation, const Settings& settings,
                                      base::Deadline deadline) {
  const auto event = http::read_event(invocation.event, invocation.event.capacity());
  if (!event) {
    return Served{base::Failure{"Runtime.InvalidEvent", event.error().text, {}}, {}};
  }
  const std::string context = http::invocation_context_json(invocation);
  const wire::Request request{
      invocation,
      http::cgi_variables(event->request, {settings.entry_file, settings.document_root, context}),
      event->request.body};
  const auto frame = exchange(wire::encode(request), deadline);
  if (!frame) return frame.error();
  return read_response(frame.value(), ready_, event->shape);
}

Result<wire::Frame> WorkerLink::exchange(const wire::EncodedFrame& event, base::Deadline deadline) {
  used_ = true;
  const auto sent = base::send_all(channel_.get(), event.head, event.tail, deadline);
  // A worker that is gone may have said why before it went.
  if (!sent && sent.error().kind != ErrorKind::kDisconnected) return sent.error();
  return receive(deadline);
}

Result<wire::Frame> WorkerLink::receive(base::Deadline deadline) {
  reader_.drop();
  for (;;) {
    const auto state = reader_.poll();
    if (!state) return state.error();
    if (state.value() == wire::FrameReader::State::kFrame) return reader_.frame();
    const auto readable = pump(deadline);
    if (!readable) return readable.error();
    if (!readable.value()) continue;
    const wire::FrameReader::Space space = reader_.space();
    const auto got = base::receive_some(channel_.get(), space.data, space.size);
    if (!got && got.error().kind == ErrorKind::kTimeout) continue;
    if (!got) return got.error();
    reader_.commit(got.value());
  }
}

Result<bool> WorkerLink::pump(base::Deadline deadline) {
  std::array<pollfd, 3> polled{pollfd{channel_.get(), POLLIN, 0},
                               pollfd{standard_output_.fd(), POLLIN, 0},
                               pollfd{standard_error_.fd(), POLLIN, 0}};
  if (base::poll_until(polled, deadline) == 0) {
    return Error{ErrorKind::kTimeout, "strategies: hear worker: no answer before the deadline"};
  }
  if (polled[1].revents != 0) standard_output_.drain(to_standard_output());
  if (polled[2].revents != 0) standard_error_.drain(to_standard_error());
  return polled[0].revents != 0;
}

bool WorkerLink::drain(base::Deadline deadline) {
  channel_.reset();
  while (standard_output_.fd() >= 0 || standard_error_.fd() >= 0) {
    if (!pump(deadline)) return false;
  }
  return true;
}

}  // namespace phork::strategies
