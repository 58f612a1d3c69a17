// SPDX-License-Identifier: MIT
//
// Laying out text for a terminal of 100 columns: padding, shortening, breaking lines. What goes in
// comes from anywhere; what comes out is plain ASCII without control characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace phork::audit {

inline constexpr std::size_t kLineWidth = 100;

// Each byte that is not printable ASCII becomes '?'.
std::string plain(std::string_view text);

// plain(), at most `width` columns, with "..." where something is missing.
std::string shorten(std::string_view text, std::size_t width);

// shorten(), filled up with blanks to `width`.
std::string pad(std::string_view text, std::size_t width);

// plain(), broken at blanks into lines of at most kLineWidth columns, each with its newline; the
// lines after the first are indented. A word that is too long gets a line of its own.
std::string wrap(std::string_view text, std::size_t indent);

// "1 event", "3 events"
std::string count_of(std::size_t count, const std::string& noun);

}  // namespace phork::audit
