// SPDX-License-Identifier: MIT
#include "strategies/worker/outcome.h"

#include <utility>

#include "runtime/wire/frames.h"

namespace phork::strategies {

namespace {

// php-worker says so itself (sapi/worker.cpp).
constexpr int kExitWithoutChannel = 111;

}  // namespace

event::Failure death_failure(const std::optional<process::ExitStatus>& status) {
  if (!status) return {"Runtime.WorkerLost", "the PHP worker is gone without a trace", {}};
  if (status->kind == process::ExitStatus::Kind::kSignalled) {
    return {"Runtime.WorkerKilled", "the PHP worker was killed by " + status->describe(), {}};
  }
  if (status->code == kExitWithoutChannel) {
    return {"Runtime.WorkerLost", "the PHP worker lost its channel to the supervisor", {}};
  }
  return {
      "Runtime.HandlerExited", "the PHP worker ended without an answer: " + status->describe(), {}};
}

std::optional<event::Failure> read_boot_message(const std::string& bytes) {
  const auto garbled = [](const base::Error& error) {
    return event::Failure{"Runtime.BootFailed", error.text, {}};
  };
  const auto frame = wire::parse_message(bytes);
  if (!frame) return garbled(frame.error());
  if (frame->type == wire::FrameType::kReady) return std::nullopt;
  if (frame->type != wire::FrameType::kBootFailed) {
    return garbled({base::ErrorKind::kInvalid,
                    "strategies: hear boot: expected Ready or BootFailed, got frame type " +
                        std::to_string(static_cast<int>(frame->type))});
  }
  auto failed = wire::decode_failed(frame->payload);
  if (!failed) return garbled(failed.error());
  return std::move(failed->failure);
}

}  // namespace phork::strategies
