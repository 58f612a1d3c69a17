// SPDX-License-Identifier: MIT
//
// Searches in the text that a program printed.
#pragma once

#include <cstddef>
#include <string>

namespace phork::testing {

bool contains(const std::string& text, const std::string& part);
std::size_t count(const std::string& text, const std::string& part);

// The first line of `text` that holds `part`; fails the test when there is none.
std::string line_with(const std::string& text, const std::string& part);

// `log` without the line of each zygote that it is ready.
std::string without_zygote_lines(const std::string& log);

}  // namespace phork::testing
