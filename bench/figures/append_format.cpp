// SPDX-License-Identifier: MIT
#include "bench/figures/append_format.h"

#include <cstdarg>
#include <cstdio>

namespace phork::bench {

void append_format(std::string& out, const char* format, ...) {
  va_list values;
  va_start(values, format);
  va_list again;
  va_copy(again, values);
  const int length = std::vsnprintf(nullptr, 0, format, values);
  va_end(values);
  if (length > 0) {
    const std::size_t begin = out.size();
    // One byte more for the end that vsnprintf writes.
    out.resize(begin + static_cast<std::size_t>(length) + 1);
    std::vsnprintf(out.data() + begin, static_cast<std::size_t>(length) + 1, format, again);
    out.pop_back();
  }
  va_end(again);
}

}  // namespace phork::bench
