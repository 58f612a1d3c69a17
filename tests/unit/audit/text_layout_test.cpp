// SPDX-License-Identifier: MIT
#include "audit/text_layout.h"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

using namespace phork::audit;

TEST_CASE("a byte that is not printable ASCII becomes a question mark") {
  CHECK(plain("a b~") == "a b~");
  CHECK(plain("a\033[31m\n\x7f") == "a?[31m??");
  CHECK(plain("h\xc3\xa4") == "h??");
}

TEST_CASE("shortening keeps the text that fits and marks the cut") {
  CHECK(shorten("abcdef", 6) == "abcdef");
  CHECK(shorten("abcdefg", 6) == "abc...");
  CHECK(shorten("abcdef", 3) == "...");
  CHECK(shorten("abcdef", 2) == "..");
  CHECK(shorten("abcdef", 0).empty());
  CHECK(shorten("", 3).empty());
}

TEST_CASE("padding makes the width exact") {
  CHECK(pad("ab", 4) == "ab  ");
  CHECK(pad("abcdef", 4) == "a...");
}

TEST_CASE("text wraps at blanks, and later lines are indented") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word ";
  const std::string wrapped = wrap(text, 4);
  std::istringstream lines(wrapped);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.size() <= kLineWidth);
    CHECK(line.starts_with(count == 0 ? "word " : "    word "));
  }
  CHECK(count == 4);
}

TEST_CASE("a line of exactly the width does not wrap, one more column does") {
  const std::string word(kLineWidth - 2, 'x');
  CHECK(wrap(word + " y", 2) == word + " y\n");
  CHECK(wrap(word + " yy", 2) == word + "\n  yy\n");
}

TEST_CASE("a word longer than a line has a line to itself") {
  const std::string word(kLineWidth + 20, 'x');
  CHECK(wrap("a " + word + " b", 2) == "a\n  " + word + "\n  b\n");
}

TEST_CASE("counts have their plural") {
  CHECK(count_of(0, "event") == "0 events");
  CHECK(count_of(1, "event") == "1 event");
  CHECK(count_of(2, "event") == "2 events");
}
