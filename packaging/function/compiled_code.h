// SPDX-License-Identifier: MIT
//
// The application's compiled code, as `php-worker --compile` makes it (docs/settings.md,
// PHORK_FILE_CACHE), but the same for the same application. PHP writes memory as it is, with words
// that nobody has set, such as operands that an instruction does not use. They hold what was on
// the stack before: most often half of the stack protector's canary, a new random number in each
// process. Everything else is the same as long as addresses are (task_folder.cpp). So the code is
// compiled twice, and words that differ are set to zero.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/function/task_folder.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// Where it lies in the application; the default of PHORK_FILE_CACHE.
inline constexpr const char* kCodeFolder = ".phork/opcache";

// Bytes by path.
using CodeFiles = std::map<std::string, std::string>;

// The files that both have, with zero for each word of four bytes in which they differ, and the
// checksum that PHP expects. A file whose two versions differ in length is left out: PHP compiles
// it then. https://github.com/php/php-src/blob/PHP-8.2/ext/opcache/zend_file_cache.c
CodeFiles reconcile(CodeFiles first, const CodeFiles& second);

// Compiles by calling `compile` twice, which writes to the code folder of `folder`; removes that
// again.
base::Result<std::vector<Entry>> compile_code(const TaskFolder& folder,
                                              const std::function<base::Status()>& compile);

}  // namespace phork::packaging
