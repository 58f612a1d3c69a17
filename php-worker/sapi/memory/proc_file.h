// SPDX-License-Identifier: MIT
//
// Reads /proc about this process: small files as a whole, links, and the numbers of open
// descriptors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace phork::sapi {

// "" when it cannot be read.
std::string read_proc_file(const std::string& path);

// A set of bits in hexadecimal from the text of a /proc/PID/status, such as "SigCgt"; 0 when the
// line is missing.
std::uint64_t status_bits(std::string_view text, std::string_view name);

// The target of a symbolic link, "" when it cannot be read.
std::string read_proc_link(const std::string& path);

// Open descriptors in order of number; empty where /proc cannot be read.
std::vector<int> open_descriptors();

}  // namespace phork::sapi
