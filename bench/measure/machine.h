// SPDX-License-Identifier: MIT
//
// The properties of the machine, its kernel and its PHP that influence speed. Reports state them,
// because figures of two machines cannot be compared.
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
  std::vector<std::string> variables;  // names of the PHORK_* variables in our environment
  std::string commit;                  // of the project, from --commit
  std::string php;                     // answer of bench/apps/facts under php-worker, JSON
  std::string php_fpm;                 // the same under php-fpm
};

// All fields but `php` and `php_fpm`.
Machine describe_machine(std::string commit);

// The word in brackets of "always [madvise] never"; "" when there is none.
std::string chosen_word(const std::string& setting);

std::int64_t available_memory_mb();

// "2026-11-20", in UTC.
std::string today();

}  // namespace phork::bench
