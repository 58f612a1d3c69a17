// SPDX-License-Identifier: MIT
//
// Sizes that the Runtime API enforces. They are here, and not in a configuration, because they are
// the platform's: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
#pragma once

#include <cstddef>

namespace phork::lambda {

// The longest body `/response` takes: the documented 6 MB plus 100 bytes. Measured against the
// Runtime Interface Emulator, and MaxPayloadSize in its source: 202 at this length, 413 above.
// https://github.com/aws/aws-lambda-runtime-interface-emulator
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{6} * 1024 * 1024 + 100;
static_assert(kMaxAnswerBytes == 6'291'556);

// `/error` and `/init/error` bodies stay below this: the emulator of Lambda Managed Instances
// answers 413 above 1 MiB, and the classic one falls over.
inline constexpr std::size_t kMaxErrorBytes = std::size_t{1024} * 1024 - 1;

// The value of the error type header, a metric dimension on the platform's side.
inline constexpr std::size_t kMaxErrorTypeBytes = 128;

}  // namespace phork::lambda
