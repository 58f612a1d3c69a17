// SPDX-License-Identifier: MIT
#include "supervisor/workers.h"

#include <string>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"

namespace phork::supervisor {
namespace {

// A worker that ends before an event came to it is replaced, but not for ever: Lambda would restart
// an environment that does not come to its events, too.
constexpr unsigned kMostFruitless = 16;

}  // namespace

void Workers::end(int code) {
  if (has_ended_) return;
  has_ended_ = true;
  ended_(code);
}

int Workers::fail_with(const base::Error& error) const {
  if (!has_booted_)
    return report_boot(around_.make_api, {"Runtime.BootFailed", error.text, {}}, true);
  base::log_error(error.text);
  return base::kSystemFailed;
}

bool Workers::may_go_on(const Seat::End& worker, const std::optional<process::ExitStatus>& status) {
  fruitless_ = worker.had_event ? 0 : fruitless_ + 1;
  // Once the application has booted, another worker may boot as well.
  if (worker.kind == Seat::End::Kind::kBootFailed && has_booted_) {
    event::log_failure("supervisor: boot next worker", worker.failure);
  }
  if (worker.kind == Seat::End::Kind::kApiGone) {
    end(base::kSystemFailed);
  } else if (worker.kind == Seat::End::Kind::kBootFailed && !has_booted_) {
    end(report_boot(around_.make_api, worker.failure, true));
  } else if (fruitless_ >= kMostFruitless) {
    base::log_error("supervisor: serve: the last " + std::to_string(fruitless_) +
                    " PHP workers ended before an event came, the last one with " +
                    (status ? status->describe() : "an unknown exit status"));
    end(base::kFailed);
  }
  return !has_ended_;
}

}  // namespace phork::supervisor
