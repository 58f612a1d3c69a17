// SPDX-License-Identifier: MIT
#include "emulator/observe/statistics.h"

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

TEST_CASE("percentiles are nearest ranks of the samples") {
  CHECK(percentile({}, 50) == 0);
  CHECK(percentile({7}, 1) == 7);
  CHECK(percentile({7}, 99) == 7);
  CHECK(percentile({15, 20, 35, 40, 50}, 5) == 15);
  CHECK(percentile({50, 15, 40, 20, 35}, 30) == 20);
  CHECK(percentile({50, 15, 40, 20, 35}, 40) == 20);
  CHECK(percentile({50, 15, 40, 20, 35}, 50) == 35);
  CHECK(percentile({50, 15, 40, 20, 35}, 100) == 50);
  CHECK(percentile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 90) == 9);
  CHECK(percentile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 99) == 10);
}

TEST_CASE("the summary holds events, errors, percentiles and the median cold start") {
  Statistics statistics("fork");
  for (int i = 1; i <= 10; ++i) {
    statistics.add(EventRecord{.request_id = "r",
                               .ending = i == 10 ? Ending::kFailed : Ending::kAnswered,
                               .error_type = {},
                               .queued = i * 1us,
                               .latency = i * 10us,
                               .billed = i * 100us});
  }
  statistics.add_unserved();
  statistics.add_environment();
  statistics.add_environment();
  for (const Microseconds cold_start : {99'000us, 12'340us, 10'000us}) {
    statistics.add_cold_start(cold_start);
  }
  statistics.add_memory(20'480);
  statistics.add_memory(10'240);
  CHECK(statistics.summary().to_json() ==
        R"({"strategy":"fork","events":11,"errors":2,)"
        R"("latency_us":{"p50":50,"p90":90,"p99":100},)"
        R"("billed_us":{"p50":500,"p90":900,"p99":1000},)"
        R"("queue_us":{"p50":5,"p90":9,"p99":10},)"
        R"("environments":2,"cold_starts":3,)"
        R"("cold_start_ms":12.34,"init_ms":12.34,"max_memory_mb":20.0,"minor_faults_p50":0})");
}

TEST_CASE("the first byte of streamed answers is measured apart from the whole answer") {
  Statistics statistics("fork");
  statistics.add(
      EventRecord{.request_id = "buffered", .error_type = {}, .first_byte = 9us, .latency = 9us});
  CHECK(statistics.summary().to_json().find("first_byte_us") == std::string::npos);
  statistics.add(EventRecord{
      .request_id = "s", .error_type = {}, .streamed = true, .first_byte = 3us, .latency = 40us});
  const Summary summary = statistics.summary();
  REQUIRE(summary.first_byte_us.has_value());
  CHECK(summary.first_byte_us->p99 == 3);
  CHECK(summary.to_json().find(R"("first_byte_us":{"p50":3,"p90":3,"p99":3},"latency_us")") !=
        std::string::npos);
  CHECK(summary.to_table().find("first byte      0.003") != std::string::npos);
}

TEST_CASE("the runtime's metrics name the strategy and replace those of the process tree") {
  Statistics statistics("default");
  statistics.add_tree_faults(1000, 10);
  CHECK(statistics.summary().minor_faults_p50 == 100);
  for (const std::int64_t faults : {30, 10, 20}) {
    statistics.add(RuntimeMetrics{"r", "fork", faults, {}, "before"});
  }
  CHECK(statistics.summary().to_table().starts_with(
      "0 events, 0 errors, strategy fork, refill before\n"));
  CHECK(statistics.summary().to_json().starts_with(R"({"strategy":"fork","refill":"before",)"));
  CHECK(statistics.summary().strategy == "fork");
  CHECK(statistics.summary().minor_faults_p50 == 20);
}

TEST_CASE("only metrics lines are read as metrics") {
  const auto metrics = RuntimeMetrics::parse(
      R"({"phork":"event","request_id":"r","strategy":"fork","latency_us":1,"billed_us":2,)"
      R"("minor_faults":41,"php_us":7,"ready_us":310,"refill":"during"})");
  REQUIRE(metrics.has_value());
  CHECK(metrics->strategy == "fork");
  CHECK(metrics->minor_faults == 41);
  CHECK(metrics->request_id == "r");
  CHECK(metrics->ready_us == 310);
  CHECK(metrics->refill == "during");
  const auto part = RuntimeMetrics::parse(R"({"phork":"event","request_id":1,"ready_us":null})");
  REQUIRE(part.has_value());
  CHECK(part->request_id.empty());
  CHECK_FALSE(part->minor_faults.has_value());
  CHECK_FALSE(part->ready_us.has_value());
  for (const char* line : {"", "hello", R"({"phork":"event","minor_faults":1)", R"({"phork":"x"})",
                           R"( {"phork":"event"})"}) {
    CAPTURE(line);
    CHECK_FALSE(RuntimeMetrics::parse(line).has_value());
  }
}
