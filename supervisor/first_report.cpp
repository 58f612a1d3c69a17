// SPDX-License-Identifier: MIT
#include "supervisor/first_report.h"

#include <string>
#include <utility>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"

namespace phork::supervisor {
namespace {

int report_first(const ApiFactory& make_api, const event::Failure& failure,
                 base::Result<lambda::Posted> (lambda::RuntimeApi::*post)(const event::Failure&),
                 const std::string& name) {
  const auto posted = ((*make_api()).*post)(failure);
  if (!posted) base::log_error(posted.error().text);
  if (posted && !posted->accepted()) {
    base::log_error("lambda: " + name + " error not taken: " + posted->refusal());
  }
  return posted ? base::kFailed : base::kSystemFailed;
}

}  // namespace

int report_boot(const ApiFactory& make_api, const event::Failure& failure, bool is_first) {
  event::log_failure("supervisor: boot", failure);
  if (!is_first) return base::kFailed;
  const int code = report_first(make_api, failure, &lambda::RuntimeApi::fail_init, "init");
  const bool is_hook = code == base::kFailed && failure.type == event::kBeforeSnapshotError;
  return is_hook ? int{base::kSnapshotHookFailed} : code;
}

int report_restore(const ApiFactory& make_api, event::Failure failure) {
  if (failure.type != event::kAfterRestoreError) {
    failure.message = failure.type + ": " + failure.message;
    failure.type = event::kAfterRestoreError;
  }
  event::log_failure("supervisor: restore", failure);
  const int code = report_first(make_api, failure, &lambda::RuntimeApi::fail_restore, "restore");
  return code == base::kFailed ? int{base::kRestoreHookFailed} : code;
}

}  // namespace phork::supervisor
