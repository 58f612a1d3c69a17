// SPDX-License-Identifier: MIT
#include "audit/text_layout.h"

#include <algorithm>
#include <sstream>

namespace phork::audit {

std::string plain(std::string_view text) {
  std::string ascii(text);
  std::ranges::replace_if(
      ascii, [](char c) { return c < ' ' || c > '~'; }, '?');
  return ascii;
}

std::string shorten(std::string_view text, std::size_t width) {
  constexpr std::string_view kMissing = "...";
  std::string ascii = plain(text);
  if (ascii.size() <= width) return ascii;
  ascii.resize(width - std::min(width, kMissing.size()));
  return ascii.append(kMissing.substr(0, width));
}

std::string pad(std::string_view text, std::size_t width) {
  std::string padded = shorten(text, width);
  padded.resize(width, ' ');
  return padded;
}

std::string wrap(std::string_view text, std::size_t indent) {
  // Leading blanks are kept.
  const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
  std::string out(start, ' ');
  std::size_t column = start;
  bool first = true;
  std::istringstream words(plain(text));
  for (std::string word; words >> word;) {
    if (!first && column + 1 + word.size() > kLineWidth) {
      out.append("\n").append(indent, ' ');
      column = indent;
      first = true;
    }
    if (!first) out += ' ';
    out += word;
    column += word.size() + (first ? 0 : 1);
    first = false;
  }
  return out += '\n';
}

std::string count_of(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace phork::audit
