// SPDX-License-Identifier: MIT
//
// The pipe that Lambda gives its runtimes for log records: inherited, and named by number in
// _LAMBDA_TELEMETRY_LOG_FD. Unlike a line on standard error, a record in it has a length, a level
// and a time. Neither PHP nor the programs that it starts may get hold of it.
//
// The head of a record, big-endian:
//
//   0  u32  type: 0xA55A0003 for text, 0xA55A0002 for JSON, with the level's bits set in it
//   4  u32  bytes of the message behind the head; it may hold newlines
//   8  u64  microseconds since 1970
//
// https://github.com/aws/aws-lambda-nodejs-runtime-interface-client (LogPatch.js) writes the same.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "runtime/base/fd.h"
#include "runtime/base/log.h"

namespace phork::logging {

// Takes it out of the environment and makes it close-on-exec. Invalid where Lambda gave none. Call
// before threads and children exist.
base::Fd take_log_descriptor();

using LogFrameHead = std::array<char, 16>;

LogFrameHead log_frame_head(base::LogFormat format, base::LogLevel level, std::uint32_t bytes,
                            std::chrono::system_clock::time_point time);

}  // namespace phork::logging
