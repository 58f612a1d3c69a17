// SPDX-License-Identifier: MIT
//
// PHP files that do nothing but declare: classes, interfaces, traits, enums and functions. To run
// one is to load it; no code of the user's runs, neither now nor by an autoloader, and what depends
// on the moment (constant expressions, static properties) is left to the first use.
//
// Notes which of them an event's autoloading brought in, and loads them into another process. PHP's
// one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {

// Whether to run the file is to declare, and nothing else.
bool declares_only(const zend_op_array& file);

// Once PHP has started, before the first of the functions below. May be called again.
void install_declaration_hooks();

// From here on this process notes what it autoloads.
void watch_autoloading();

// The files of classes that were autoloaded since, each behind those it depends on, as far as they
// declare only. A file that was included by other means is not among them: code that includes a
// file of its own accord may do so again, and would declare its classes a second time.
std::vector<std::string_view> autoloaded_files();

enum class Loading : std::uint8_t {
  kDone,
  kRefused,  // nothing was declared
  kBroken,   // nor here, but PHP bailed out, and this is not a process to go on with
};

// Runs a file as `require_once` would, with neither autoloaders nor error handlers of the user's.
// Refused is what does not load without a word from PHP: a class that is missing or there already,
// a deprecation, a file that does more than declare. To find out which it is, ask a copy first.
//
// In what runs later, a script is still the first of the included files, and whoever includes a
// loaded file by its path for the first time finds nothing wrong.
Loading load_declarations(const std::string& path);

}  // namespace phork::sapi
