// SPDX-License-Identifier: MIT
//
// The regular expressions that PHP has compiled in this process and may keep for its copies. PHP
// finds them by their text. A text that user code put together may contain a user's data; a text
// that is a literal of the application's files is in opcache's shared memory already, so keeping it
// reveals nothing. PHP's one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phork::sapi {

enum class Patterns : bool { kLiterals, kAll };

// The length of PHP's list of patterns.
std::uint32_t count_patterns();

// Patterns that were compiled since the list had `from` entries, without those that depend on a
// locale.
std::vector<std::string_view> patterns_since(std::uint32_t from, Patterns which);

// Compiles `pattern` into this process's list, if it is one of `which` from this process's view.
bool compile_pattern(const std::string& pattern, Patterns which);

}  // namespace phork::sapi
