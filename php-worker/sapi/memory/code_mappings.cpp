// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/code_mappings.h"

#include <algorithm>
#include <sys/mman.h>

#include "php-worker/sapi/memory/mappings.h"

namespace phork::sapi {
namespace {

bool is_read_only_file(const Mapping& mapping) {
  return mapping.inode != 0 && is_readable(mapping) && !is_writable(mapping) && !is_shared(mapping);
}

// Whether the same file goes on where `before` ends, in memory as in the file.
bool continues(const Mapping& mapping, const Mapping& before) {
  return mapping.begin == before.end && mapping.inode == before.inode &&
         mapping.device == before.device && mapping.offset == before.offset + before.bytes();
}

}  // namespace

std::size_t merge_code_mappings() {
  const std::vector<Mapping> mappings = list_mappings();
  for (auto first = mappings.begin(); first != mappings.end();) {
    auto end = first + 1;
    if (is_read_only_file(*first)) {
      while (end != mappings.end() && is_read_only_file(*end) && continues(*end, *(end - 1))) ++end;
      if (end - first > 1 && std::any_of(first, end, is_executable)) {
        // One that is refused stays as it was.
        static_cast<void>(::mprotect(to_pointer(first->begin), (end - 1)->end - first->begin,
                                     PROT_READ | PROT_EXEC));
      }
    }
    first = end;
  }
  return mappings.size() - std::min(list_mappings().size(), mappings.size());
}

}  // namespace phork::sapi
