// SPDX-License-Identifier: MIT
//
// The files of the application, as the environment names them.
#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/event/entry_kind.h"
#include "runtime/http/site.h"

namespace phork::sapi {

struct Site {
  http::Site files;
  std::string entry_function;  // "" when the file itself is the entry
  std::string preboot_file;    // "" when there is none
  // kAuto until PHP has been asked (entry_kind.h).
  event::EntryKind kind = event::EntryKind::kAuto;
};

// From _HANDLER, LAMBDA_TASK_ROOT and PHORK_ENTRY, _PREBOOT and _ROUTE, whose words bootstrap has
// checked. Errors list the paths that were tried.
base::Result<Site> find_site();

}  // namespace phork::sapi
