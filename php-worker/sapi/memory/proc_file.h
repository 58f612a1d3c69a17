// SPDX-License-Identifier: MIT
//
// What /proc tells of this process: whole small files, which are made while they are read, links,
// and the numbers of its open descriptors.
#pragma once

#include <string>
#include <vector>

namespace phork::sapi {

// "" when it cannot be read.
std::string read_proc_file(const std::string& path);

// What a symbolic link says, "" when it cannot be read.
std::string read_proc_link(const std::string& path);

// In order; empty where /proc cannot be read.
std::vector<int> open_descriptors();

}  // namespace phork::sapi
