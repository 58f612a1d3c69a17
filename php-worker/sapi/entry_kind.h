// SPDX-License-Identifier: MIT
//
// Tells a handler's file from a script without running it: PHP parses it, and a `return` at its top
// level of anything but null, bool or int makes it a handler. Those are what scripts return, to
// leave early or to say that they worked. One that includes `autoload_runtime.php`, as a front
// controller of Symfony does, is a script: its closure is not for us. Parsing declares nothing, so
// the file can be run afterwards as if it had not been looked at.
#pragma once

#include <string>

#include "runtime/event/entry_kind.h"

namespace phork::sapi {

// kScript or kHandler; kHandler for a file that cannot be parsed or read, so that running it, at
// boot, reports what is wrong with it. PHP has been started.
event::EntryKind detect_entry_kind(const std::string& file);

}  // namespace phork::sapi
