// SPDX-License-Identifier: MIT
//
// Reads /proc about this process: small files as a whole, links, and the numbers of open
// descriptors.
#pragma once

#include <string>
#include <vector>

namespace phork::sapi {

// "" when it cannot be read.
std::string read_proc_file(const std::string& path);

// The target of a symbolic link, "" when it cannot be read.
std::string read_proc_link(const std::string& path);

// Open descriptors in order of number; empty where /proc cannot be read.
std::vector<int> open_descriptors();

}  // namespace phork::sapi
