// SPDX-License-Identifier: MIT
#include "runtime/base/text.h"

#include <cstdint>

#include <doctest/doctest.h>

namespace phork::base {

TEST_SUITE("text") {
  TEST_CASE("only ASCII letters have upper and lower case") {
    CHECK(lower_case("Content-TYPE [@]{`} 09") == "content-type [@]{`} 09");
    CHECK(lower_case("\xC3\x89") == "\xC3\x89");
    CHECK(equal_in_any_case("Retry-After", "rETRY-aFTER"));
    CHECK(equal_in_any_case("", ""));
    CHECK_FALSE(equal_in_any_case("a", "ab"));
    CHECK_FALSE(equal_in_any_case("@", "`"));  // 32 apart, as letters of both cases are
  }

  TEST_CASE("trim removes blanks at both ends and keeps those inside") {
    CHECK(trim(" \t\r\na \t b\r\n") == "a \t b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \n ").empty());
    CHECK(trim("").empty());
    CHECK(trim(" \ta\r", kHttpBlanks) == "a\r");
  }

  TEST_CASE("a number has to be the whole text") {
    CHECK(parse_number<int>("42") == 42);
    CHECK(parse_number<int>("-42") == -42);
    CHECK(parse_number<std::size_t>("1a", 16) == 26);
    CHECK(parse_number<double>("2.5") == 2.5);
    for (const char* text : {"", "4 2", "0x4", "+4", " 4", "4 ", "99999999999999999999999"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_number<std::int64_t>(text).has_value());
    }
    CHECK_FALSE(parse_number<std::size_t>("-1").has_value());
    CHECK_FALSE(parse_number<std::uint8_t>("256").has_value());
  }

  TEST_CASE(
      "a number is removed from the front of a text; without a number the text is unchanged") {
    std::string_view text = "12 kB";
    CHECK(take_number<int>(text) == 12);
    CHECK(text == " kB");
    CHECK_FALSE(take_number<int>(text).has_value());
    CHECK(text == " kB");
  }
}

}  // namespace phork::base
