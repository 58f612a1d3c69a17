// SPDX-License-Identifier: MIT
//
// A request for records, in the form that the Telemetry API and the older Logs API share. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::emulator {

enum class RecordType : std::uint8_t { kPlatform, kFunction, kExtension };

inline constexpr std::array<std::string_view, 3> kRecordTypes = {"platform", "function",
                                                                 "extension"};

struct Subscription {
  std::array<bool, kRecordTypes.size()> wanted{};
  // A batch is sent when it has so many records or bytes, or its oldest record is so old.
  std::size_t max_items = 10'000;
  std::size_t max_bytes = 262'144;
  std::chrono::milliseconds timeout{1000};
  std::uint16_t port = 0;  // on this machine
  std::string path = "/";

  std::vector<std::string> types() const;
};

// Reads the body of a request. An error (kInvalid) says what was expected and what came.
base::Result<Subscription> read_subscription(std::string_view body);

}  // namespace phork::emulator
