// SPDX-License-Identifier: MIT
#include "runtime/slot/lost_event.h"

#include <cerrno>
#include <string>
#include <unistd.h>
#include <utility>

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

event::Failure restore_timed_out(std::chrono::seconds limit) {
  return {event::kAfterRestoreError,
          "hooks of Phork\\onRestore did not end within " + std::to_string(limit.count()) + " s",
          {}};
}

event::Failure boot_ended(const std::optional<process::ExitStatus>& status) {
  constexpr int kOpcacheRefuses = 254;
  std::string text = "php-worker ended while booting: " +
                     (status ? status->describe() : std::string("its exit status is unknown"));
  const bool refuses = status && status->kind == process::ExitStatus::Kind::kExited &&
                       status->code == kOpcacheRefuses;
  if (refuses && ::access("/tmp", W_OK) == -1) {
    text += ": opcache needs a lock file: " + base::system_error("write to /tmp", errno).text +
            "; set opcache.lockfile_path to a folder that can be written, or opcache.enable to 0";
  }
  return {"Runtime.BootFailed", std::move(text), {}};
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
