// SPDX-License-Identifier: MIT
//
// Levels as logs spell them. PHP has no level on its streams: it stands in what it writes, in the
// words of the engine, of Monolog's line format or of Symfony's logger. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/base/log.h"

namespace phork::logging {

// "INFO", as in Lambda's records.
std::string_view level_word(base::LogLevel level);

// The level that a word means to Lambda, PSR-3 or Monolog, in any case: "notice" is kInfo,
// "critical" is kFatal.
std::optional<base::LogLevel> level_named(std::string_view word);

// The level that a line announces, behind a date or not; kInfo where it announces none.
//   PHP Warning:  Undefined variable $x in ...
//   [2025-01-31T12:00:00.000000+00:00] app.ERROR: out of tea [] []
//   2025-01-31T12:00:00+00:00 [critical] out of tea
base::LogLevel level_of_line(std::string_view line);

}  // namespace phork::logging
