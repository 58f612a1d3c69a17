// SPDX-License-Identifier: MIT
//
// Completion of a command with subcommands, for the packages bash-completion and zsh of Debian.
#pragma once

#include <string>

#include "tools/manual/command.h"

namespace phork::manual {

// A function for bash; needs the helpers of bash-completion.
std::string bash_completion(const Command& command);

// A file for a folder of zsh's `fpath`, named "_" and the command's name.
std::string zsh_completion(const Command& command);

}  // namespace phork::manual
