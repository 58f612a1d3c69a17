// SPDX-License-Identifier: MIT
//
// What becomes of descriptors that the boot of an application leaves open, and that every event
// would share. PHORK_FD_POLICY says it; docs/zygote.md has the reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace phork::base {

enum class FdPolicy : std::uint8_t {
  kClose,   // files become each event's own, the rest is replaced by a closed connection
  kRefuse,  // files become each event's own, with anything else the boot fails
  kAllow,   // all is shared, as fork() leaves it
};

// "close" (or ""), "refuse" and "allow"; nothing for any other word.
std::optional<FdPolicy> parse_fd_policy(std::string_view word);

std::string_view name(FdPolicy policy);

}  // namespace phork::base
