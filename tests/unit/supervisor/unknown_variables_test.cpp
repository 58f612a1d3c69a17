// SPDX-License-Identifier: MIT
#include "supervisor/unknown_variables.h"

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/runtime_harness.h"

namespace phork::supervisor {
namespace {

TEST_SUITE("unknown variables") {
  TEST_CASE("a name that is nearly a setting is told with the setting, and without its value") {
    const auto lines = advice_on_variables({"PHORK_STRATGEY=secret", "PHORK_WARM_UP=secret",
                                            "PHORK_TEST_FOLDER=a", "PHORK_HOME=a", "STRATEGIE=a",
                                            "PHORK_STRATEGY=fork", "PHORK_", "PHORK"});
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] ==
          "settings: PHORK_STRATGEY has no effect: expected a setting of phork, such as "
          "PHORK_STRATEGY");
    CHECK(lines[1].ends_with("PHORK_WARMUP"));
  }

  TEST_CASE("each setting of docs/settings.md is known") {
    std::ifstream file(testing::source_path("docs/settings.md"));
    const std::string page((std::istreambuf_iterator<char>(file)), {});
    const std::regex name("`(PHORK_[A-Z_]+)");
    int count = 0;
    for (std::sregex_iterator found(page.begin(), page.end(), name), end; found != end; ++found) {
      const std::string setting = (*found)[1];
      CAPTURE(setting);
      CHECK(advice_on_variables({setting + "=a"}).empty());
      // The same with a slip is near to a setting that is known.
      const std::string slip = setting + "X=a";
      CHECK(advice_on_variables({slip}).size() == 1);
      ++count;
    }
    CHECK(count > 20);
  }
}

}  // namespace
}  // namespace phork::supervisor
