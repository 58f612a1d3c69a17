// SPDX-License-Identifier: MIT
#include "audit/application.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace phork::audit;

TEST_CASE("an application whose records agree was examined and left nothing") {
  const ApplicationReport report = read_application("{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n", 3);
  CHECK(report.examined());
  CHECK(report.events == 3);
  CHECK(report.records == 3);
  CHECK(report.changes.empty());
}

TEST_CASE("an application whose records differ left something behind") {
  const ApplicationReport report = read_application("{\"a\":1}\n{\"a\":2}\n", 2);
  CHECK(report.examined());
  REQUIRE(report.changes.size() == 1);
  CHECK(report.changes[0].key == "a");
}

TEST_CASE("without two records nothing is claimed") {
  const ApplicationReport none = read_application("", 3);
  CHECK_FALSE(none.examined());
  CHECK(none.unknown == "the runtime recorded the state of no event");
  const ApplicationReport one = read_application("{\"a\":1}\n", 3);
  CHECK_FALSE(one.examined());
  CHECK(one.unknown == "the runtime recorded the state of one event only");
  const ApplicationReport garbled = read_application("{\"a\":1}\noops\n", 3);
  CHECK_FALSE(garbled.examined());
  CHECK(garbled.unknown.starts_with("audit: read record of an event: expected JSON: "));
}

TEST_CASE("groups that could not be looked at are gaps, each named once") {
  const ApplicationReport report = read_application(
      "{\"ini\":{\"a\":1},\"code\":{\"not examined\":\"Error\"}}\n"
      "{\"ini\":{\"not examined\":\"Error\"},\"code\":{\"not examined\":\"Error\"}}\n",
      2);
  CHECK(report.gaps == std::vector<std::string>{"code", "ini"});
  CHECK(read_application("{\"a\":1}\n{\"a\":1}\n", 2).gaps.empty());
}

TEST_CASE("a failure that comes again is kept once") {
  ApplicationReport report;
  add_failure(report, "DomainException: no");
  add_failure(report, "Runtime.ExitError: gone");
  add_failure(report, "DomainException: no");
  CHECK(report.failures ==
        std::vector<std::string>{"DomainException: no", "Runtime.ExitError: gone"});
}
