// SPDX-License-Identifier: MIT
//
// What an entry file is: one that returns something to call for each event, or a script that is run
// for each. PHORK_ENTRY says it, or PHP is asked (php-worker/sapi/entry_point.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace phork::event {

enum class EntryKind : std::uint8_t { kAuto, kHandler, kScript };

// "auto" (or ""), "handler" and "script"; nothing for any other word.
std::optional<EntryKind> parse_entry_kind(std::string_view word);

std::string_view name(EntryKind kind);

}  // namespace phork::event
