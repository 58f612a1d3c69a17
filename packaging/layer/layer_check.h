// SPDX-License-Identifier: MIT
//
// Checks that a layer which was made earlier fits the function that it is deployed with.
#pragma once

#include <filesystem>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::packaging {

// Of a function, in Lambda's words.
struct LayerUse {
  std::string_view architecture;  // "x86_64" or "arm64"
  bool needs_fpm = false;
};

// kInvalid when the zip is no layer of phork; names the first of its parts that is missing.
base::Status check_parts(const std::filesystem::path& layer);

// As above, and when it is for another architecture, or lacks php-fpm.
base::Status check_layer(const std::filesystem::path& layer, const LayerUse& use);

// Lambda's name of this machine's architecture, which `phork package --layer` makes layers for.
std::string_view own_architecture();

}  // namespace phork::packaging
