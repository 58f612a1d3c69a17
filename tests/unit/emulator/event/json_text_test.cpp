// SPDX-License-Identifier: MIT
#include "emulator/event/json_text.h"

#include <string>

#include <doctest/doctest.h>

using phork::emulator::json_fault;

TEST_SUITE("json text") {
  TEST_CASE("each text of the grammar is taken, whatever its numbers and escapes stand for") {
    for (const char* text :
         {"0", "-0", "-0.0", "18446744073709551616", "-9223372036854775809",
          "123456789012345678901234567890", "1e400", "-1E-400", "1.5e+3", " [1, 2 ] ",
          R"({"a":{"b":[]},"c":1e999})", R"("\ud83d")", R"("\ud83d\ude00 \n \\ \" 1e")", R"("")",
          "null", R"({"a":1,"a":2})"}) {
      CAPTURE(text);
      CHECK(json_fault(text).empty());
    }
  }

  TEST_CASE("anything else is refused with a reason") {
    for (const char* text :
         {"",        " ",        "01",       "-",    "+1",      "1.",  ".5", "1e",
          "1e+",     "0x1",      "1 2",      "[1,]", "{\"a\"}", "nul", "\"", R"("\u12")",
          R"("\x")", "\"a\nb\"", "\"\xff\"", "NaN",  "1.2.3",   "--1", "'a'"}) {
      CAPTURE(text);
      CHECK_FALSE(json_fault(text).empty());
    }
    CHECK(json_fault(std::string(1000, '[') + std::string(1000, ']')).empty());
    CHECK_FALSE(json_fault(std::string(2000, '[') + std::string(2000, ']')).empty());
  }
}
