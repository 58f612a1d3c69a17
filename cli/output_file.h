// SPDX-License-Identifier: MIT
//
// Files that a command writes for those who asked for one.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::cli {

// Replaces the file at `path` with `text`; nothing when `path` is empty. `what` names it in the
// error: "cli: write summary '/x': cannot write there".
base::Status write_output_file(std::string_view what, const std::string& path,
                               std::string_view text);

}  // namespace phork::cli
