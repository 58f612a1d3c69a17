// SPDX-License-Identifier: MIT
#include "tests/support/text.h"

#include <sstream>

#include <doctest/doctest.h>

namespace phork::testing {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
    ++found;
  }
  return found;
}

std::string line_with(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE_MESSAGE(at != std::string::npos, "'" << part << "' in:\n" << text);
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

std::string without_zygote_lines(const std::string& log) {
  std::string rest;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (!contains(line, " ready in ")) rest += line + "\n";
  }
  return rest;
}

}  // namespace phork::testing
