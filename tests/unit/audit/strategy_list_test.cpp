// SPDX-License-Identifier: MIT
#include "audit/strategy_list.h"

#include <string>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;

namespace {

const std::vector<StrategyName> kOffered = {
    {'A', "inprocess", false}, {'B', "exec", true}, {'D', "fork", true}};

std::string names(const base::Result<std::vector<StrategyName>>& chosen) {
  if (!chosen) return chosen.error().text;
  std::string text;
  for (const StrategyName& strategy : chosen.value()) text += strategy.name + " ";
  return text;
}

}  // namespace

TEST_CASE("strategies are read as the runtime lists them") {
  const auto strategies = read_strategies("A inprocess shared\nD fork isolated\n");
  REQUIRE(strategies.ok());
  REQUIRE(strategies->size() == 2);
  CHECK(strategies.value()[0].letter == 'A');
  CHECK(strategies.value()[0].name == "inprocess");
  CHECK_FALSE(strategies.value()[0].isolates);
  CHECK(strategies.value()[1].isolates);
}

TEST_CASE("a list of another form is refused") {
  for (const char* text : {"", "\n", "fork\n", "D fork\n", "D fork perhaps\n",
                           "A inprocess shared\nusage: bootstrap\n"}) {
    const auto strategies = read_strategies(text);
    REQUIRE_FALSE(strategies.ok());
    CHECK(strategies.error().kind == base::ErrorKind::kInvalid);
  }
}

TEST_CASE("names and letters in any case choose strategies, in the runtime's order and once each") {
  CHECK(names(choose_strategies(kOffered, "all")) == "inprocess exec fork ");
  CHECK(names(choose_strategies(kOffered, "fork")) == "fork ");
  CHECK(names(choose_strategies(kOffered, "d,a")) == "inprocess fork ");
  CHECK(names(choose_strategies(kOffered, "FORK,D,fork")) == "fork ");
}

TEST_CASE("a word that names no strategy is refused with the names there are") {
  for (const char* words : {"rollback", "fork,rollback", "rollback,fork"}) {
    CHECK(names(choose_strategies(kOffered, words)) ==
          "audit: select strategy 'rollback': expected all, inprocess, exec, fork");
  }
  for (const char* words : {"", ",fork", "fork,,exec"}) {
    CHECK(names(choose_strategies(kOffered, words)) ==
          "audit: select strategy '': expected all, inprocess, exec, fork");
  }
}
