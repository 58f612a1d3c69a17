// SPDX-License-Identifier: MIT
//
// Padding, shortening and wrapping text for a terminal of 100 columns. Input is untrusted; output
// is plain ASCII without control characters, so that it cannot move the cursor.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace phork::audit {

inline constexpr std::size_t kLineWidth = 100;

// Replaces each byte that is not printable ASCII by '?'.
std::string plain(std::string_view text);

// plain(), cut to `width` columns with "..." at its end.
std::string shorten(std::string_view text, std::size_t width);

// shorten(), padded with blanks to `width`.
std::string pad(std::string_view text, std::size_t width);

// plain(), wrapped at blanks to kLineWidth columns, a newline after each line; lines after the
// first are indented by `indent`. A word longer than a line gets a line to itself.
std::string wrap(std::string_view text, std::size_t indent);

// "1 event", "3 events"
std::string count_of(std::size_t count, const std::string& noun);

}  // namespace phork::audit
