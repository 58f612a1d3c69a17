// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/rollback.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <sys/prctl.h>
#include <utility>

#include "php-worker/sapi/server_context.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/variables.h"

namespace phork::sapi {
namespace {

bool wants_debug_lines() {
  const auto environment = lambda::read_variables();  // bootstrap has checked it
  return environment && environment->log_level <= base::LogLevel::kDebug;
}

}  // namespace

Rollback::Rollback(Snapshot snapshot)
    : snapshot_(snapshot),
      tells_why_(wants_debug_lines()),
      checks_(base::is_set("PHORK_CHECK_ROLLBACK")) {}

base::Result<Rollback> Rollback::prepare() {
  auto snapshot = Snapshot::take();
  if (!snapshot) return std::move(snapshot).error();
  return Rollback(snapshot.value());
}

base::Status Rollback::mark() {
  // As a subreaper this process becomes the parent of processes that an event leaves behind, and so
  // notices them.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1) {
    return base::system_error("php-worker: adopt orphans", errno);
  }
  if (checks_) snapshot_.check_rollbacks();
  state_ = std::make_unique<KernelState>();
  const auto rollbacks = snapshot_.mark();
  if (!rollbacks) return rollbacks.error();
  if (rollbacks.value() == 0) return base::ok_status();
  if (const std::size_t pages = snapshot_.differing_pages(); pages != 0) {
    base::log_error("php-worker: roll back: " + std::to_string(pages) +
                    " pages were not restored [bug]");
  }
  return base::ok_status();
}

void Rollback::run() {
  // The interrupt may have left more unfinished than the code it was meant for.
  if (current_context().timed_out) return retire("its event was interrupted");
  // Text in stdio's buffers would be lost with the memory.
  std::fflush(nullptr);
  // The kernel's state comes first: it can still be refused, and restoring memory does not return.
  if (const std::string difference = state_->put_back(); !difference.empty()) {
    return retire("an event has changed its " + difference);
  }
  if (checks_) check_signs();
  retire(snapshot_.roll_back(state_->memory_files()).text);
}

void Rollback::check_signs() {
  const std::string difference = state_->difference();
  if (difference.empty()) return;
  base::log_error("php-worker: roll back: the " + difference + " was not restored [bug]");
}

void Rollback::retire(const std::string& why) const {
  if (!tells_why_) return;
  // Written directly, because base/log.h drops lines of this level where there is no sink.
  std::fprintf(stderr, "phork debug: php-worker: worker ends: %s\n", why.c_str());
}

}  // namespace phork::sapi
