// SPDX-License-Identifier: MIT
//
// The frames of application/vnd.amazon.eventstream, as the Invoke API's streaming variant sends
// them: a prelude of two lengths and their checksum, headers, a payload, and a checksum of it all.
// Numbers are big-endian, checksums are CRC-32. Writes only what Lambda writes: headers that are
// text. Pure; a frame is made in one piece, so that it can leave in one.
// https://smithy.io/2.0/aws/amazon-eventstream.html
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/event/invocation.h"

namespace phork::emulator {

// As zlib and gzip have it; `before` is that of the bytes before these.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

// Names are at most 255 bytes long, values at most 65,535.
std::string event_frame(std::span<const event::NameValue> headers, std::string_view payload);

// A part of the function's answer.
std::string payload_chunk(std::string_view bytes);

// How an invocation ended; what is empty is left out.
struct StreamCompletion {
  std::string error_code;     // "Unhandled"
  std::string error_details;  // the function's error, as JSON in a text
  std::string log_result;     // the end of the log in base64
};

std::string invoke_complete(const StreamCompletion& completion);

}  // namespace phork::emulator
