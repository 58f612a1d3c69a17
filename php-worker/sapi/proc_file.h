// SPDX-License-Identifier: MIT
//
// Whole small files of /proc, which are made while they are read.
#pragma once

#include <string>

namespace phork::sapi {

// "" when it cannot be read.
std::string read_proc_file(const std::string& path);

// What a symbolic link says, "" when it cannot be read.
std::string read_proc_link(const std::string& path);

}  // namespace phork::sapi
