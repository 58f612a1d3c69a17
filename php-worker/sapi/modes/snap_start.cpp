// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/snap_start.h"

#include <string>
#include <utility>
#include <vector>

#include "php-worker/sapi/library_randomness.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/secrets.h"
#include "php-worker/sapi/zygote/descriptor_audit.h"
#include "php-worker/sapi/zygote/descriptor_renewal.h"
#include "php-worker/sapi/zygote/seal_checks.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

using base::FdPolicy;
using event::Failure;

constexpr const char* kReopen =
    "close it in Phork\\onSnapshot and open it again in Phork\\onRestore, or open it inside the "
    "event";

// Lambda counts by the type, so the class of an exception goes into the message.
Failure named(const char* type, Failure reason) {
  return {type, reason.type + ": " + reason.message, std::move(reason.stack_trace)};
}

}  // namespace

std::optional<Failure> run_snapshot_hooks(Application& application) {
  auto failure = run_between_events([&] { return application.run_snapshot_hooks(); });
  if (failure) return named(event::kBeforeSnapshotError, std::move(*failure));
  return std::nullopt;
}

std::optional<Failure> hang_up_network(int own) {
  const FdPolicy policy = base::value_of(base::settings::kFdPolicy);
  if (policy == FdPolicy::kAllow) return std::nullopt;
  std::vector<OpenDescriptor> found = audit_descriptors({own});
  std::erase_if(found, [](const OpenDescriptor& each) { return !each.is_remote; });
  if (found.empty()) return std::nullopt;
  std::string refused;
  for (const OpenDescriptor& each : found) {
    const std::string name = "descriptor " + std::to_string(each.number) + ", " + each.what + ": ";
    refused += "; " + name + kReopen;
    if (policy == FdPolicy::kRefuse) continue;
    base::log_warn("php-worker: snapshot: " + name +
                   "it is closed because restored environments would share it; " + kReopen);
  }
  if (policy == FdPolicy::kRefuse) {
    return Failure{"Runtime.SealFailed",
                   "the boot left connections that restored environments would share "
                   "(PHORK_FD_POLICY is refuse)" +
                       refused,
                   {}};
  }
  // Before the server is out of reach.
  close_links();
  for (const OpenDescriptor& each : found) hang_up(each);
  return std::nullopt;
}

std::optional<Failure> go_on_restored(
    Application& application, const std::function<std::optional<Failure>(const Code&)>& run) {
  reseed_randomness();
  reseed_cryptography();
  if (!application.has_restore_hooks() && !has_secrets()) return std::nullopt;
  auto failure = run([&] {
    auto unread = has_secrets() ? load_secrets() : std::nullopt;
    return unread ? unread : application.run_restore_hooks();
  });
  if (failure) return named(event::kAfterRestoreError, std::move(*failure));
  return std::nullopt;
}

}  // namespace phork::sapi
