// SPDX-License-Identifier: MIT
//
// Programs of the machine, found by name.
#pragma once

#include <string>
#include <vector>

namespace phork::base {

bool is_program(const std::string& path);

// The folders that find_program() reads: those of `path`, in the form of PATH, and those of
// servers, which a user's PATH may lack.
std::string program_folders(const std::string& path);

// The path of the first of `names` that any folder has; "" when there is none.
std::string find_program(const std::vector<std::string>& names, const std::string& path);

// "8.2": the PHP for which phork is built.
std::string php_version();

// The names under which a program of PHP may lie, best first: with the version for which phork is
// built ("php-fpm8.2"), as Debian installs several side by side, then without.
std::vector<std::string> php_program_names(const std::string& program);

}  // namespace phork::base
