// SPDX-License-Identifier: MIT
//
// Text of reports and configurations: printf into a string, numbers as people read them, and
// writing the finished text to a file.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::bench {

// Appends like printf, without a limit of length.
[[gnu::format(printf, 2, 3)]] void append_format(std::string& out, const char* format, ...);

// Three significant digits, but all digits before the point: 0.408, 1.72, 110, 12,346.
std::string short_number(double value);

// For marks of axes and shares, which are round numbers: 0.5, 20, 1,000.
std::string round_number(double value);

// Microseconds as "0.408 ms", "1.72 ms", "2.05 s".
std::string duration_text(double microseconds);

// 12345.6 -> "12,346"
std::string grouped(double value);

// Replaces the file at `path`. kSystem names the path when it cannot be written.
base::Status write_file(const std::string& path, std::string_view text);

}  // namespace phork::bench
