// SPDX-License-Identifier: MIT
//
// The mappings of this process for code that arranges or learns them (address_space.h has what they
// are). Allocates.
#pragma once

#include <cstdint>
#include <vector>

#include "php-worker/sapi/memory/address_space.h"

namespace phork::sapi {

inline constexpr std::uintptr_t kHugePageBytes = std::uintptr_t{2} << 20;

// In order of address; empty where /proc cannot be read.
std::vector<Mapping> list_mappings();

inline bool is_readable(const Mapping& mapping) {
  return mapping.access[0] == 'r';
}

inline bool is_writable(const Mapping& mapping) {
  return mapping.access[1] == 'w';
}

inline bool is_executable(const Mapping& mapping) {
  return mapping.access[2] == 'x';
}

inline bool is_shared(const Mapping& mapping) {
  return mapping.access[3] == 's';
}

// Of a number that is an address: there is no pointer to derive it from.
inline void* to_pointer(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace phork::sapi
