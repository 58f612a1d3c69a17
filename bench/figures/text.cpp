// SPDX-License-Identifier: MIT
#include "bench/figures/text.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <fstream>

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
    // One byte more for the NUL that vsnprintf writes.
    out.resize(begin + static_cast<std::size_t>(length) + 1);
    std::vsnprintf(out.data() + begin, static_cast<std::size_t>(length) + 1, format, again);
    out.pop_back();
  }
  va_end(again);
}

std::string short_number(double value) {
  const double size = std::abs(value);
  std::string text;
  if (size == 0 || !std::isfinite(value)) return "0";
  if (size < 0.01) {
    append_format(text, "%.2g", value);
  } else if (size < 0.9995) {
    append_format(text, "%.3f", value);
  } else if (size < 9.995) {
    append_format(text, "%.2f", value);
  } else if (size < 99.95) {
    append_format(text, "%.1f", value);
  } else {
    return grouped(value);
  }
  return text;
}

std::string round_number(double value) {
  constexpr double kThousand = 1000;
  if (std::abs(value) >= kThousand) return grouped(value);
  std::string text;
  append_format(text, "%.6g", value);
  return text;
}

std::string duration_text(double microseconds) {
  constexpr double kSecond = 1e6;
  if (microseconds >= kSecond) return short_number(microseconds / kSecond) + " s";
  return short_number(microseconds / 1000) + " ms";
}

std::string grouped(double value) {
  std::string text;
  append_format(text, "%.0f", std::abs(value));
  constexpr std::size_t kGroup = 3;
  for (std::size_t at = text.size(); at > kGroup;) {
    at -= kGroup;
    text.insert(at, 1, ',');
  }
  return value < 0 && text != "0" ? "-" + text : text;
}

base::Status write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return base::ok_status();
  return base::Error{base::ErrorKind::kSystem, "bench: write '" + path + "': cannot write there"};
}

}  // namespace phork::bench
