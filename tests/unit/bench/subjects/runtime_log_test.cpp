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
