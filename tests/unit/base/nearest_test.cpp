// SPDX-License-Identifier: MIT
#include "runtime/base/nearest.h"

#include <array>
#include <string_view>

#include <doctest/doctest.h>

using phork::base::nearest;

TEST_SUITE("nearest") {
  TEST_CASE("the word with the fewest slips is found, and none that is far away") {
    constexpr std::array<std::string_view, 4> kWords{"serve", "invoke", "bench", "strategy"};
    CHECK(nearest("serv", kWords) == "serve");
    CHECK(nearest("sevre", kWords) == "serve");
    CHECK(nearest("invokee", kWords) == "invoke");
    CHECK(nearest("banch", kWords) == "bench");
    CHECK(nearest("stratgeyy", kWords) == "strategy");
    CHECK(nearest("strat", kWords).empty());
    CHECK(nearest("se", kWords).empty());
    CHECK(nearest("", kWords).empty());
    CHECK(nearest("serve", {}).empty());
  }
}
