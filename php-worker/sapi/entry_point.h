// SPDX-License-Identifier: MIT
//
// The application's entry: its files, as the environment names them, and its kind.
//
// A file without `.php` whose first line is `#!` with a path of php is a console. PHP tells a
// handler's file from a script by parsing it, without running it. A `return` at the top level of
// anything but null, bool or int makes the file a handler; null, bool and int are what scripts
// return, to leave early or to report success. A file that includes `autoload_runtime.php`, as the
// front controller of Symfony does, is a script: the closure it returns is meant for Symfony.
// Parsing declares nothing, so the file can still be run afterwards.
//
// A file whose top level calls `frankenphp_handle_request`, or includes the `frankenphp-worker.php`
// of Laravel Octane, is a worker script (php-worker/src/Bridge/FrankenPhp).
#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/http/script_routing.h"

namespace phork::sapi {

struct EntryPoint {
  http::ScriptRouting files;
  std::string function;      // "" when the file itself is the entry
  std::string preboot_file;  // "" when there is none
  // kAuto until detect_entry_kind() has been asked, but for a console.
  base::EntryKind kind = base::EntryKind::kAuto;
};

// Our PHP files, beside this program.
std::string library_folder();

// Reads _HANDLER, LAMBDA_TASK_ROOT, PHORK_ENTRY, PHORK_PREBOOT, PHORK_ROUTE and BREF_RUNTIME;
// bootstrap has checked their words. Errors list the paths that were tried.
base::Result<EntryPoint> find_entry_point();

// Returns kScript, kWorker or kHandler. A file that cannot be read or parsed counts as a handler,
// because running it at boot then reports what is wrong with it. Call after PHP has started.
base::EntryKind detect_entry_kind(const std::string& file);

}  // namespace phork::sapi
