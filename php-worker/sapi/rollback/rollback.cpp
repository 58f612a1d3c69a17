// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/rollback.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/prctl.h>
#include <utility>

#include "php-worker/sapi/exchange.h"
#include "runtime/base/log.h"
#include "runtime/lambda/environment.h"

namespace phork::sapi {
namespace {

bool wants_debug_lines() {
  const auto environment = lambda::read_environment();  // which bootstrap has checked
  return environment && environment->log_level <= base::LogLevel::kDebug;
}

}  // namespace

Rollback::Rollback(Snapshot snapshot)
    : snapshot_(snapshot),
      tells_why_(wants_debug_lines()),
      checks_(std::getenv("PHORK_CHECK_ROLLBACK") != nullptr) {}

base::Result<Rollback> Rollback::prepare() {
  auto snapshot = Snapshot::take();
  if (!snapshot) return std::move(snapshot).error();
  return Rollback(snapshot.value());
}

base::Status Rollback::mark() {
  // Processes that an event leaves behind become children, and so are seen.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1) {
    return base::system_error("php-worker: adopt orphans", errno);
  }
  if (checks_) snapshot_.check_rollbacks();
  state_.emplace();
  const auto rollbacks = snapshot_.mark();
  if (!rollbacks) return rollbacks.error();
  if (rollbacks.value() == 0) return base::ok_status();
  if (const std::size_t pages = snapshot_.differing_pages(); pages != 0) {
    base::log_error("php-worker: roll back: " + std::to_string(pages) +
                    " pages are not what they were [bug]");
  }
  return base::ok_status();
}

void Rollback::run() {
  // The signal may have more to interrupt than what it was sent for.
  if (current_exchange().timed_out) return retire("its event was interrupted");
  std::fflush(nullptr);
  if (const std::string difference = state_->put_back(); !difference.empty()) {
    return retire("an event has changed its " + difference);
  }
  retire(snapshot_.roll_back().text);
}

void Rollback::retire(const std::string& why) const {
  if (!tells_why_) return;
  // Below what base/log.h writes where there is no sink.
  std::fprintf(stderr, "phork debug: php-worker: worker ends: %s\n", why.c_str());
}

}  // namespace phork::sapi
