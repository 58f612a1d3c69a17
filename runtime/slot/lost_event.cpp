// SPDX-License-Identifier: MIT
#include "runtime/slot/lost_event.h"

#include "runtime/base/exit_code.h"
#include "runtime/http/answer_writer.h"

namespace phork::slot {

event::Outcome timed_out(const event::Invocation& invocation,
                         const std::optional<http::EventShape>& shape) {
  if (!shape) {
    return event::Failure{
        "Function.Timeout",
        "the event was not answered before its deadline; request_id=" + invocation.request_id,
        {}};
  }
  return event::Answer{http::write_answer(http::gateway_timeout(), *shape)};
}

event::Failure boot_timed_out(std::chrono::seconds limit) {
  return {"Runtime.BootTimeout",
          "the application did not boot within " + std::to_string(limit.count()) + " s",
          {}};
}

event::Failure death_failure(const std::optional<process::ExitStatus>& status) {
  if (!status) return worker_lost("ended, and its exit status is unknown");
  if (status->kind == process::ExitStatus::Kind::kSignalled) {
    return {"Runtime.WorkerKilled", "the PHP worker was killed by " + status->describe(), {}};
  }
  // php-worker ends so when its connection fails or a system call does.
  if (status->code == base::kSystemFailed) {
    return worker_lost("ended because its connection or the system failed: " + status->describe());
  }
  return {
      "Runtime.HandlerExited", "the PHP worker ended without an answer: " + status->describe(), {}};
}

event::Failure worker_lost(const std::string& deed) {
  return {"Runtime.WorkerLost", "the PHP worker " + deed, {}};
}

}  // namespace phork::slot
