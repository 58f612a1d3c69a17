// SPDX-License-Identifier: MIT
//
// SnapStart: Lambda keeps a snapshot of an environment when its init is done, and restores any
// number of environments from it, each a copy down to the last bit. Steps of a process that boots
// where base::is_snap_start(). docs/snapstart.md explains them to users. PHP's one thread.
#pragma once

#include <functional>
#include <optional>

#include "php-worker/sapi/application.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// The last part of the boot. A failure is a Runtime.BeforeSnapshotError.
std::optional<event::Failure> run_snapshot_hooks(Application& application);

// In a process that serves events itself, before the snapshot: hangs up connections by the network,
// which all copies would have, but for the descriptor `own`. A zygote's seal does the same.
// PHORK_FD_POLICY says otherwise, or that the boot fails.
std::optional<event::Failure> hang_up_network(int own);

// After the restore: gives this copy random numbers of its own, and runs hooks of Phork\onRestore,
// if there are any, by `run`. A failure is a Runtime.AfterRestoreError.
using Code = std::function<std::optional<event::Failure>()>;
std::optional<event::Failure> go_on_restored(
    Application& application, const std::function<std::optional<event::Failure>(const Code&)>& run);

}  // namespace phork::sapi
