// SPDX-License-Identifier: MIT
#include "bench/subjects/runtime_log.h"

#include <string_view>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

void print(const RuntimeLog& log, std::string_view text) {
  REQUIRE(::write(log.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("a line of metrics may lack fields") {
  const auto full = parse_metrics(
      R"({"phork":"event","request_id":"r","strategy":"fork","minor_faults":4,"ready_us":310})");
  REQUIRE(full.has_value());
  CHECK(full->request_id == "r");
  CHECK(full->minor_faults == 4);
  CHECK(full->ready_us == 310);
  const auto part = parse_metrics(R"({"phork":"event","request_id":"r","ready_us":null})");
  REQUIRE(part.has_value());
  CHECK_FALSE(part->minor_faults.has_value());
  CHECK_FALSE(part->ready_us.has_value());
}

TEST_CASE("other lines are not metrics") {
  for (const char* line :
       {"", "hello", R"({"phork":"event"})", R"({"phork":"event","request_id":1})",
        R"({"phork":"event","request_id":"r")", R"({"phork":"boot"})"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_metrics(line).has_value());
  }
}

TEST_CASE("metrics are taken once, by request id, and only from complete lines") {
  RuntimeLog log;
  print(log,
        "booting\n"
        R"({"phork":"event","request_id":"a","minor_faults":1})"
        "\n");
  print(log, R"({"phork":"event","request_id":"b",)");
  auto metrics = log.take_metrics();
  REQUIRE(metrics.size() == 1);
  CHECK(metrics.at("a").minor_faults == 1);
  print(log, R"("minor_faults":2})"
             "\n");
  metrics = log.take_metrics();
  REQUIRE(metrics.size() == 1);
  CHECK(metrics.at("b").minor_faults == 2);
  CHECK(log.take_metrics().empty());
}

TEST_CASE("the last line is the last complete one that is neither metrics nor empty") {
  RuntimeLog log;
  CHECK(log.last_line().empty());
  print(log,
        "first\nsecond\n\n"
        R"({"phork":"event","request_id":"a"})"
        "\nunfinished");
  CHECK(log.last_line() == "second");
  CHECK(log.take_metrics().size() == 1);
}
