// SPDX-License-Identifier: MIT
//
// The media types of the files that web pages are made of, by the ends of their names.
// https://www.iana.org/assignments/media-types/
#pragma once

#include <string_view>

namespace phork::emulator {

// The value for Content-Type, with a charset for text; "" for a name whose end is not known.
std::string_view media_type_of(std::string_view name);

// True for names that web servers give to PHP, and never hand out.
bool is_php_name(std::string_view name);

}  // namespace phork::emulator
