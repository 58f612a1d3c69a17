// SPDX-License-Identifier: MIT
//
// How php-worker ends, as bootstrap does (docs/architecture.md).
#pragma once

namespace phork::sapi {

enum ExitCode : int { kServed = 0, kBootFailed = 1, kUsedWrongly = 100, kSystemFailed = 111 };

}  // namespace phork::sapi
