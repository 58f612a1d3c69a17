// SPDX-License-Identifier: MIT
//
// Where it was measured: what of the machine, its kernel and its PHP decides about speed. Figures
// of two machines do not compare; this says which they were.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace phork::bench {

struct Machine {
  std::int64_t cores = 0;
  std::string processor;
  std::string kernel;
  std::int64_t memory_mb = 0;
  std::string huge_pages;              // "always", "madvise" or "never"
  std::string shmem_huge;              // likewise, for shared memory
  std::vector<std::string> variables;  // names of PHORK_* variables that were set from outside
  std::string commit;                  // of the project, as it was told
  std::string php;                     // JSON of the PHP under php-worker, and of php-fpm's
  std::string php_fpm;
};

// All but what PHP says.
Machine describe_machine(std::string commit);

// The chosen word of "always [madvise] never"; "" when there is none.
std::string chosen_word(const std::string& setting);

std::int64_t available_memory_mb();

// "2026-11-20", by UTC.
std::string today();

}  // namespace phork::bench
