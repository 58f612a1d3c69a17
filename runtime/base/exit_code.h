// SPDX-License-Identifier: MIT
//
// The exit codes of all programs; docs/settings.md explains them to users.
#pragma once

namespace phork::base {

// Unscoped, since main() returns them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,  // the application did not boot, or did not do what the command checks
  // https://github.com/aws/aws-lambda-python-runtime-interface-client uses the same two.
  kSnapshotHookFailed = 64,
  kRestoreHookFailed = 65,
  kUsedWrongly = 100,
  kSystemFailed = 111,
};

}  // namespace phork::base
