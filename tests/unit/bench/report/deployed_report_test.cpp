// SPDX-License-Identifier: MIT
#include "bench/report/deployed_report.h"

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

DeployedReport report() {
  DeployedReport report;
  report.url = "https://example.org/";
  report.load = LoadResult{
      .requests = 200, .per_second = 41.26, .p50_ms = 21.4, .p90_ms = 30.1, .p99_ms = 180.5};
  report.log_file = "log.txt";
  report.log = FunctionLog{.errors = 0,
                           .duration_us = {1'000, 1'500, 9'000},
                           .billed_us = {1'000, 2'000, 121'000},
                           .init_us = {112'000},
                           .restore_us = {},
                           .memory_mb = 1769,
                           .used_mb = 62};
  return report;
}

}  // namespace

TEST_SUITE("report of a deployed function") {
  TEST_CASE("callers first, then the log") {
    CHECK(to_text(report()) ==
          "https://example.org/: 200 requests, 1 at a time, 41.3 a second\n"
          "                  p50        p90        p99\n"
          "request          21.4       30.1        180 ms\n"
          "\n"
          "log.txt: 3 events, 0 errors, 1 cold start\n"
          "                  p50        p90        p99\n"
          "duration         1.50       9.00       9.00 ms\n"
          "billed           2.00        121        121 ms\n"
          "init              112        112        112 ms\n"
          "billed 124 ms in all; 62 of 1,769 MB used at most\n");
  }

  TEST_CASE("what was not measured is not reported") {
    DeployedReport only_url = report();
    only_url.log.reset();
    CHECK(to_json(only_url) ==
          R"({"url":"https://example.org/","requests":200,"concurrency":1,"per_second":41.260,)"
          R"("request_ms":{"p50":21.400,"p90":30.100,"p99":180.500}})");

    DeployedReport only_log = report();
    only_log.load.reset();
    only_log.log->restore_us = {400'000};
    CHECK(to_json(only_log) ==
          R"({"log":{"events":3,"errors":0,"cold_starts":1,"restores":1,)"
          R"("duration_ms":{"p50":1.500,"p90":9.000,"p99":9.000},)"
          R"("billed_ms":{"p50":2.000,"p90":121.000,"p99":121.000},)"
          R"("init_ms":{"p50":112.000,"p90":112.000,"p99":112.000},)"
          R"("restore_ms":{"p50":400.000,"p90":400.000,"p99":400.000},)"
          R"("billed_total_ms":124,"memory_mb":1769,"max_memory_used_mb":62}})");
  }
}
