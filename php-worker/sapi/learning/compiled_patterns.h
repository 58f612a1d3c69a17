// SPDX-License-Identifier: MIT
//
// The regular expressions that PHP has compiled in this process, and may keep for its copies. PHP
// knows them by their text. A text that user code put together may hold a user's data; one that is
// a literal of the application's files lies in opcache's shared memory already, and says nothing
// that is not known there. PHP's one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phork::sapi {

enum class Patterns : bool { kLiterals, kAll };

// Where PHP's list of patterns ends at the moment.
std::uint32_t count_patterns();

// Those that were compiled since the list had `from` entries. None that depends on a locale.
std::vector<std::string_view> patterns_since(std::uint32_t from, Patterns which);

// Compiles it into this process's list, if it is one of `which` as this process sees it.
bool compile_pattern(const std::string& pattern, Patterns which);

}  // namespace phork::sapi
