// SPDX-License-Identifier: MIT
//
// AWS_LAMBDA_EXEC_WRAPPER: a script that sets up the environment of a runtime and then starts it.
// Lambda applies it for its managed runtimes only; under `provided` the runtime does.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html
#pragma once

#include <span>

#include "runtime/base/result.h"

namespace phork::supervisor {

inline constexpr const char* kWrapperVariable = "AWS_LAMBDA_EXEC_WRAPPER";

// Replaces this program by the wrapper, whose arguments are `command_line`: executing them starts
// this program again, which then goes on. Returns ok without a wrapper, and in the program that a
// wrapper has started. An error (kInvalid) says why the wrapper does not start. Call while there is
// one thread.
base::Status run_wrapper_once(std::span<char* const> command_line);

}  // namespace phork::supervisor
