// SPDX-License-Identifier: MIT
//
// Limits of a server: those of a gateway, whose clients may be anybody, unless others are given.
#pragma once

#include <chrono>
#include <cstddef>

namespace phork::emulator {

// How long a connection may take. Zero: as long as it likes.
struct HttpTimeouts {
  std::chrono::milliseconds head{10'000};  // from the first byte of a head to its end
  std::chrono::milliseconds idle{60'000};  // until the first byte of the next head
  // A body may stop for so long, and has the lowest rate below over such a time.
  std::chrono::milliseconds body{20'000};
  std::chrono::milliseconds send{60'000};  // until the client takes another part of a reply
};

// The lowest rate of a body with a timeout: that of a slow mobile connection.
inline constexpr std::size_t kLowestBytesPerSecond = 1000;

struct HttpLimits {
  HttpTimeouts timeouts{};
  // More than the Invoke API takes at once, so that it says what Lambda says.
  unsigned connections = 1200;
};

}  // namespace phork::emulator
