// SPDX-License-Identifier: MIT
//
// What php-worker records of an application's state at the beginning of each event
// (PHORK_AUDIT_RECORD): one line of JSON each, {"globals":{"name":"hash",..},"ini":{..},..}. Two
// lines that differ are state which an event left to the next one; "boot.id" says whose variables
// they are. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::audit {

// "group.key" -> value as JSON
using Fingerprint = std::map<std::string, std::string>;

struct Change {
  enum class How : std::uint8_t { kAdded, kRemoved, kChanged };

  std::string key;  // "globals.cache"
  How how = How::kChanged;
  std::string before;     // empty when it was added
  std::string after;      // empty when it was removed
  std::size_t event = 0;  // the first event, from 1, that left it so to the next one
  std::size_t times = 1;  // after how many events it had changed
};

base::Result<Fingerprint> read_fingerprint(std::string_view line);

// One line per event, in order; an empty text has none.
base::Result<std::vector<Fingerprint>> read_record(std::string_view text);

// Each key that differs between an event and the next one, with its first change, by name.
// Variables of two boots may have other values in each, as random ones have: no event has left
// those.
std::vector<Change> compare(const std::vector<Fingerprint>& events);

}  // namespace phork::audit
