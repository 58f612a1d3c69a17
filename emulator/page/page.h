// SPDX-License-Identifier: MIT
//
// The page at /_phork as the build made it of the files beside this one (tools/meson).
#pragma once

#include <string_view>

namespace phork::emulator {

// HTML with its style sheet and script inside.
extern const std::string_view kStatusPage;
// The content security policy that lets these two run and nothing else.
extern const std::string_view kStatusPagePolicy;

}  // namespace phork::emulator
