// SPDX-License-Identifier: MIT
#include "strategies/worker_outcome.h"

#include <algorithm>
#include <chrono>

#include "runtime/wire/frames.h"

namespace phork::strategies {

base::Deadline event_deadline(const base::Invocation& invocation, const Settings& settings) {
  using namespace std::chrono;
  const auto left = duration_cast<nanoseconds>(invocation.deadline - system_clock::now()) -
                    duration_cast<nanoseconds>(settings.deadline_margin);
  return steady_clock::now() + duration_cast<steady_clock::duration>(left);
}

base::Failure timeout_failure(const base::Invocation& invocation) {
  return {"Function.Timeout",
          "the event was not answered before its deadline; request_id=" + invocation.request_id,
          {}};
}

base::Failure death_failure(const std::optional<process::ExitStatus>& status,
                            const base::Error& error) {
  if (!status) return {"Runtime.WorkerLost", "the PHP worker is gone: " + error.text, {}};
  if (status->kind == process::ExitStatus::Kind::kSignalled) {
    return {"Runtime.WorkerKilled", "the PHP worker was killed by " + status->describe(), {}};
  }
  return {
      "Runtime.HandlerExited", "the PHP worker ended without an answer: " + status->describe(), {}};
}

std::optional<base::Failure> read_boot_message(const std::string& bytes) {
  const auto garbled = [](const base::Error& error) {
    return base::Failure{"Runtime.BootFailed", error.text, {}};
  };
  const auto frame = wire::parse_message(bytes);
  if (!frame) return garbled(frame.error());
  if (frame->type == wire::FrameType::kReady) return std::nullopt;
  auto failed = wire::decode_failed(frame->payload);
  if (!failed) return garbled(failed.error());
  return std::move(failed->failure);
}

}  // namespace phork::strategies
