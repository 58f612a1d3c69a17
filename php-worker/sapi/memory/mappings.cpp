// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/mappings.h"

#include <fstream>
#include <string>

namespace phork::sapi {

std::vector<Mapping> list_mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping{};
    if (parse_mapping(line, mapping)) mappings.push_back(mapping);
  }
  return mappings;
}

}  // namespace phork::sapi
