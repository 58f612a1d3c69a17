// SPDX-License-Identifier: MIT
//
// Where phork is not to answer as nginx and php-fpm do, and why a PHP developer would not want it
// otherwise. docs/http.md holds the same list; a test compares the two.
#pragma once

#include <string_view>
#include <vector>

#include "tests/http/comparison.h"

namespace phork::http_suite {

struct Difference {
  std::string_view what;
  std::string_view why;
  // Takes out of both what is allowed to differ; nullptr where the suite itself sees to it.
  void (*forgive)(Facts& ours, Facts& theirs, const Door& door);
};

const std::vector<Difference>& intended_differences();

}  // namespace phork::http_suite
