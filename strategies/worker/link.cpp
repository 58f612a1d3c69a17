// SPDX-License-Identifier: MIT
#include "strategies/worker/link.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/base/socket_io.h"

namespace phork::strategies {
namespace {

using base::ErrorKind;
using base::Fd;
using base::Result;

}  // namespace

WorkerLink::WorkerLink(Fd channel, Fd standard_output, Fd standard_error)
    : channel_(std::move(channel)),
      standard_output_(std::move(standard_output)),
      standard_error_(std::move(standard_error)) {}

Result<WorkerLink> WorkerLink::open(WorkerDescriptors& theirs) {
  auto channel = base::make_socket_pair(SOCK_STREAM);
  if (!channel) return std::move(channel).error();
  // Only our end: a worker that does not read must not block the slot beyond its deadline.
  if (::fcntl(channel->first.get(), F_SETFL, O_NONBLOCK) == -1) {
    return base::system_error("strategies: make channel non-blocking", errno);
  }
  auto output = base::open_pipe();
  if (!output) return std::move(output).error();
  auto error = base::open_pipe();
  if (!error) return std::move(error).error();
  theirs = {std::move(channel->second), std::move(output->second), std::move(error->second)};
  return WorkerLink(std::move(channel->first), std::move(output->first), std::move(error->first));
}

void WorkerLink::tag(const std::string& request_id, const std::string& tenant_id) {
  request_id_ = request_id;
  tenant_id_ = tenant_id;
}

base::Status WorkerLink::send(const wire::EncodedFrame& frame, base::Deadline deadline) {
  return base::send_all(channel_.get(), frame.head, frame.tail, deadline);
}

void WorkerLink::fill_poll(std::span<pollfd, kDescriptors> polled) const {
  polled[0] = {channel_.get(), POLLIN, 0};
  polled[1] = {standard_output_.fd(), POLLIN, 0};
  polled[2] = {standard_error_.fd(), POLLIN, 0};
}

void WorkerLink::stop_listening() {
  channel_.reset();
  reader_ = {};
}

process::LineReader::Sink WorkerLink::log_as(base::LogRecord::Source source) const {
  return [this, source](std::string_view line) {
    base::log({source, base::LogLevel::kInfo, request_id_, tenant_id_, line});
  };
}

void WorkerLink::forward_lines(std::span<const pollfd, kDescriptors> polled) {
  using Source = base::LogRecord::Source;
  if (polled[1].revents != 0) standard_output_.drain(log_as(Source::kPhpOutput));
  if (polled[2].revents != 0) standard_error_.drain(log_as(Source::kPhpError));
}

void WorkerLink::end_lines() {
  using Source = base::LogRecord::Source;
  forward_lines();
  standard_output_.end_line(log_as(Source::kPhpOutput));
  standard_error_.end_line(log_as(Source::kPhpError));
}

void WorkerLink::forward_lines() {
  std::array<pollfd, kDescriptors> all{};
  for (pollfd& one : all) one.revents = POLLIN;
  forward_lines(all);
}

WorkerLink::Received WorkerLink::receive() {
  reader_.drop();
  for (;;) {
    const auto state = reader_.poll();
    if (!state) {
      // The rest of the byte stream cannot be split into frames any more.
      channel_.reset();
      reader_ = {};
      return Received::kGarbage;
    }
    if (state.value() == wire::FrameReader::State::kFrame) return Received::kFrame;
    if (!channel_.valid()) return Received::kNothing;
    const wire::FrameReader::Space space = reader_.space();
    const auto got = base::receive_some(channel_.get(), space.data, space.size);
    if (got) {
      reader_.commit(got.value());
    } else if (got.error().kind == ErrorKind::kTimeout) {
      return Received::kNothing;
    } else {
      channel_.reset();
      return Received::kEnd;
    }
  }
}

}  // namespace phork::strategies
