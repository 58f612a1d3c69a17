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

TEST_CASE("the first line of a program about its start is told by parts") {
  RuntimeLog log;
  CHECK_FALSE(log.start_line("php-worker").has_value());
  print(
      log,
      "2026-11-30T14:37:03.141Z\t-\tDEBUG\tbootstrap: start: at 5000 us, settings 228 us\n"
      "2026-11-30T14:37:03.540Z\t-\tDEBUG\tphp-worker: start: at 25000 us, PHP 700 us, seal 3 us\n"
      "2026-11-30T14:37:04.540Z\t-\tDEBUG\tphp-worker: start: at 90000 us, PHP 800 us\n"
      "php-worker: start: at noon\n"
      "php-worker: start: soon\n");
  CHECK(log.last_line() == "php-worker: start: soon");
  const auto bootstrap = log.start_line("bootstrap");
  REQUIRE(bootstrap.has_value());
  CHECK(bootstrap->at_us == 5000);
  CHECK(bootstrap->parts == std::vector<StartPart>{{"settings", 228}});
  const auto worker = log.start_line("php-worker");
  REQUIRE(worker.has_value());
  CHECK(worker->at_us == 25000);
  CHECK(worker->parts == std::vector<StartPart>{{"PHP", 700}, {"seal", 3}});
}
