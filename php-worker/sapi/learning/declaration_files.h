// SPDX-License-Identifier: MIT
//
// PHP files that only declare: classes, interfaces, traits, enums and functions. Running such a
// file loads it and does nothing else. No user code runs, neither now nor through an autoloader,
// and everything that depends on the moment (constant expressions, static properties) waits for its
// first use.
//
// Notes which of these files an event's autoloading brought in, and loads them into another
// process. PHP's one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// True when running the file only declares.
bool declares_only(const zend_op_array& file);

// Call it when PHP has started, before any function below. May be called again.
void install_declaration_hooks();

// From here on this process notes which classes it autoloads.
void watch_autoloading();

// The files that only declare, of classes that were autoloaded since; each comes after those that
// it depends on. A file that was included by other means is not listed: code that includes a file
// by itself may do so again, and would declare its classes twice.
std::vector<std::string_view> autoloaded_files();

enum class Loading : std::uint8_t {
  kDone,
  kRefused,  // nothing was declared
  kBroken,   // nothing was declared, but PHP bailed out, and this process must not go on
};

// Runs a file as `require_once` would, without the user's autoloaders and error handlers. Refuses a
// file that PHP does not load silently: a class is missing or exists already, something is
// deprecated, or the file does more than declare. Ask in a copy of the process first.
//
// Code that runs later notices nothing: the script is still the first of the included files, and
// code that includes a loaded file by its path for the first time works.
Loading load_declarations(const std::string& path);

}  // namespace phork::sapi
