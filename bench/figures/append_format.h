// SPDX-License-Identifier: MIT
//
// printf behind a string, of any length: the reports and the plot are columns and coordinates, for
// which a format says most. Pure.
#pragma once

#include <string>

namespace phork::bench {

[[gnu::format(printf, 2, 3)]] void append_format(std::string& out, const char* format, ...);

}  // namespace phork::bench
