// SPDX-License-Identifier: MIT
//
// Fewer mappings in a zygote, as each costs about a microsecond at every fork and another at every
// exit, and a PHP with its extensions has hundreds.
#pragma once

#include <cstddef>

namespace phork::sapi {

// The linker maps a library's read-only data apart from its code, three mappings in a row of the
// same file. With the access of the middle one they become one mapping. Read-only data can be
// executed then, as in any program that was linked without `-z separate-code`; nothing that can be
// written is touched. Returns by how many mappings there are less.
std::size_t merge_code_mappings();

}  // namespace phork::sapi
