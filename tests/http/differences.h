// SPDX-License-Identifier: MIT
//
// The differences to nginx and php-fpm that are intended, and the reason for each. docs/http.md
// holds the same list; a test compares the two.
#pragma once

#include <string_view>
#include <vector>

#include "tests/http/comparison.h"

namespace phork::http_suite {

struct Difference {
  std::string_view what;
  std::string_view why;
  // Removes the facts that may differ; nullptr where no case of the suite shows the difference.
  void (*forgive)(Facts& ours, Facts& theirs, const Gateway& gateway);
};

const std::vector<Difference>& intended_differences();

}  // namespace phork::http_suite
