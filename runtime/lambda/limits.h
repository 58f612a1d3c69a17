// SPDX-License-Identifier: MIT
//
// Sizes that the Runtime API enforces. They are here, and not in a configuration, because they are
// the platform's: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
#pragma once

#include <cstddef>

#include "runtime/event/limits.h"

namespace phork::lambda {

using event::kMaxAnswerBytes;

// The longest answer that can be streamed, the documented 200 MB. What has left before that stays
// delivered. https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
inline constexpr std::size_t kMaxStreamBytes = std::size_t{200} * 1024 * 1024;
static_assert(kMaxStreamBytes == 209'715'200);

// All trailers behind a streamed answer, with the empty line that ends them. The API is written in
// Go, whose server takes no more than its read buffer holds, and a longer block for a broken body:
// https://github.com/golang/go/blob/go1.22.0/src/net/http/transfer.go#L896
inline constexpr std::size_t kMaxTrailerBytes = 4096;

// `/error` and `/init/error` bodies stay below this: the emulator of Lambda Managed Instances
// answers 413 above 1 MiB, and the classic one falls over.
inline constexpr std::size_t kMaxErrorBytes = std::size_t{1024} * 1024 - 1;

// The value of the error type header, a metric dimension on the platform's side.
inline constexpr std::size_t kMaxErrorTypeBytes = 128;

}  // namespace phork::lambda
