// SPDX-License-Identifier: MIT
//
// The platform's limit that more than one room has to name; the Runtime API's others are in
// runtime/lambda/limits.h.
#pragma once

#include <cstddef>

namespace phork::event {

// The longest body `/response` takes: the documented 6 MB plus 100 bytes. Measured against the
// Runtime Interface Emulator, and MaxPayloadSize in its source: 202 at this length, 413 above.
// https://github.com/aws/aws-lambda-runtime-interface-emulator
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{6} * 1024 * 1024 + 100;
static_assert(kMaxAnswerBytes == 6'291'556);

}  // namespace phork::event
