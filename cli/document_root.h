// SPDX-License-Identifier: MIT
//
// The folder whose files `phork serve` hands out.
#pragma once

#include <optional>
#include <string>

#include "emulator/assets/document_root.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::cli {

// `given`, relative to the task root; "" for `public`, else the folder of the entry. nullopt where
// there is neither, as for a handler that Bref's container names. kInvalid when `given` is no
// folder.
base::Result<std::optional<emulator::DocumentRoot>> find_document_root(
    const std::string& given, const emulator::FunctionConfig& config);

}  // namespace phork::cli
