// SPDX-License-Identifier: MIT
#include "runtime/process/zygote_client.h"

#include <algorithm>
#include <array>

#include "runtime/base/socket_io.h"
#include "runtime/wire/frames.h"

namespace phork::process {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error unexpected(const char* expected) {
  return Error{ErrorKind::kInvalid,
               std::string("process: ask zygote: expected ") + expected + ", got something else"};
}

Result<std::optional<ForkedChild>> to_child(std::string_view payload, base::Message& message) {
  const auto forked = wire::decode_forked(payload);
  if (!forked) return forked.error();
  if (forked->error != 0) return base::system_error("process: zygote: fork", forked->error);
  ForkedChild child{forked->pid, {}};
  if (!message.descriptors.empty()) child.pidfd = std::move(message.descriptors.front());
  return std::optional<ForkedChild>(std::move(child));
}

}  // namespace

Result<ForkedChild> ZygoteClient::fork(const base::Fd& channel, const base::Fd& standard_output,
                                       const base::Fd& standard_error, base::Deadline deadline) {
  const std::array<int, 3> passed{channel.get(), standard_output.get(), standard_error.get()};
  const wire::EncodedFrame frame = wire::encode_fork();
  if (auto sent = base::send_message(control_.get(), frame.head, passed); !sent) {
    return std::move(sent).error();
  }
  for (;;) {
    auto received = receive(deadline);
    if (!received) return std::move(received).error();
    if (received->has_value()) return std::move(received->value());
  }
}

Result<std::optional<ExitStatus>> ZygoteClient::wait_exit(pid_t pid, base::Deadline deadline) {
  for (;;) {
    if (const auto status = take_report(pid)) return status;
    const auto received = receive(deadline);
    if (received) continue;
    if (received.error().kind == ErrorKind::kTimeout) return std::optional<ExitStatus>();
    return received.error();
  }
}

Result<std::optional<ForkedChild>> ZygoteClient::receive(base::Deadline deadline) {
  if (!base::wait_readable(control_.get(), deadline)) {
    return Error{ErrorKind::kTimeout, "process: ask zygote: no answer in time"};
  }
  auto message = base::receive_message(control_.get());
  if (!message) return std::move(message).error();
  const auto frame = wire::parse_message(message->bytes);
  if (!frame) return frame.error();
  if (frame->type == wire::FrameType::kForked) return to_child(frame->payload, message.value());
  if (frame->type != wire::FrameType::kExited) return unexpected("a Forked or Exited message");
  const auto exited = wire::decode_exited(frame->payload);
  if (!exited) return exited.error();
  reports_.push_back({exited->pid, ExitStatus::from_wait_status(exited->wait_status)});
  return std::optional<ForkedChild>();
}

std::optional<ExitStatus> ZygoteClient::take_report(pid_t pid) {
  const auto found = std::ranges::find(reports_, pid, &Report::pid);
  if (found == reports_.end()) return std::nullopt;
  const ExitStatus status = found->status;
  reports_.erase(found);
  return status;
}

}  // namespace phork::process
