// SPDX-License-Identifier: MIT
#include "strategies/registry.h"

#include <cctype>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace phork::strategies {
namespace {

std::string in_upper_case(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

}  // namespace

TEST_SUITE("registry") {
  TEST_CASE("every strategy is found by its name and by its letter, in any case") {
    REQUIRE_FALSE(all_strategies().empty());
    for (const StrategyEntry& entry : all_strategies()) {
      const std::string name(entry.name);
      CAPTURE(name);
      const auto small = static_cast<char>(std::tolower(entry.letter));
      for (const std::string& word :
           {name, in_upper_case(name), std::string(1, entry.letter), std::string(1, small)}) {
        const auto found = find_strategy(word);
        REQUIRE(found.ok());
        CHECK(found.value() == &entry);
      }
    }
  }

  TEST_CASE("every name and every letter is used once") {
    std::set<std::string> words;
    for (const StrategyEntry& entry : all_strategies()) {
      CHECK(words.insert(std::string(entry.name)).second);
      CHECK(words.insert(std::string(1, entry.letter)).second);
    }
  }

  TEST_CASE("every strategy has a summary, and workers of a kind of its own") {
    std::set<Workers> kinds;
    for (const StrategyEntry& entry : all_strategies()) {
      CHECK_FALSE(entry.summary.empty());
      CHECK(kinds.insert(entry.workers).second);
    }
  }

  TEST_CASE("php-fpm's strategy is made without booting") {
    CHECK(make_strategy(Settings{}) != nullptr);
  }

  TEST_CASE("fork isolates events, inprocess does not") {
    CHECK(find_strategy("fork").value()->isolates);
    CHECK_FALSE(find_strategy("inprocess").value()->isolates);
  }

  TEST_CASE("every strategy but fpm can stream answers") {
    for (const StrategyEntry& entry : all_strategies()) {
      CAPTURE(entry.name);
      CHECK(entry.streams == (entry.name != "fpm"));
    }
  }

  TEST_CASE("the error about an unknown word lists the names") {
    for (const std::string word : {"", " ", "forks", "for", "fork ", "Z", "A,D"}) {
      CAPTURE(word);
      const auto found = find_strategy(word);
      REQUIRE_FALSE(found.ok());
      CHECK(found.error().kind == base::ErrorKind::kInvalid);
      CHECK(found.error().text.find('\'' + word + '\'') != std::string::npos);
      for (const StrategyEntry& entry : all_strategies()) {
        const std::string listed = std::string(entry.name) + " (" + entry.letter + ")";
        CHECK(found.error().text.find(listed) != std::string::npos);
      }
    }
  }
}

}  // namespace phork::strategies
