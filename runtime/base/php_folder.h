// SPDX-License-Identifier: MIT
//
// The folder of phork's PHP files.
#pragma once

#include <filesystem>
#include <string>

namespace phork::base {

// Beside `program`, one of ours, in `php/`, as in the layer; else where the sources are.
std::string php_folder(const std::filesystem::path& program);

// The PHP of the auditor: in an installed tree in `audit/probe` beside the PHP files of `program`,
// else where the sources are. The layer has none.
std::string probe_folder(const std::filesystem::path& program);

}  // namespace phork::base
