// SPDX-License-Identifier: MIT
//
// JSON as Lambda takes it for an event: any text of the grammar, also with numbers and escapes that
// no C++ type holds, which the function gets as they came.
// https://www.rfc-editor.org/rfc/rfc8259
#pragma once

#include <string>
#include <string_view>

namespace phork::emulator {

// Empty when `text` is one JSON value of at most 1024 levels; otherwise the reason why not.
std::string json_fault(std::string_view text);

}  // namespace phork::emulator
