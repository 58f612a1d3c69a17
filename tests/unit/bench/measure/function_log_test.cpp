// SPDX-License-Identifier: MIT
#include "bench/measure/function_log.h"

#include <string>

#include <doctest/doctest.h>

using phork::bench::read_function_log;
using phork::bench::Samples;

TEST_SUITE("log of a deployed function") {
  TEST_CASE("REPORT lines of text, as `aws logs tail` prints them") {
    const auto log = read_function_log(
        "2026-11-30T10:00:00.100000+00:00 2026/11/30/[$LATEST]ab12 INIT_START Runtime Version: x\n"
        "2026-11-30T10:00:00.200000+00:00 2026/11/30/[$LATEST]ab12 REPORT RequestId: 1-2\t"
        "Duration: 12.34 ms\tBilled Duration: 126 ms\tMemory Size: 512 MB\tMax Memory Used: 41 MB\t"
        "Init Duration: 113.51 ms\t\n"
        "2026-11-30T10:00:01.000000+00:00 2026/11/30/[$LATEST]ab12 REPORT RequestId: 1-3\t"
        "Duration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 512 MB\tMax Memory Used: 42 MB\t"
        "Status: error\tError Type: Runtime.ExitError\n");

    REQUIRE(log);
    CHECK(log->events() == 2);
    CHECK(log->errors == 1);
    CHECK(log->duration_us == Samples{12'340, 2'000});
    CHECK(log->billed_us == Samples{126'000, 2'000});
    CHECK(log->init_us == Samples{113'510});
    CHECK(log->restore_us.empty());
    CHECK(log->memory_mb == 512);
    CHECK(log->used_mb == 42);
  }

  TEST_CASE("a start from a snapshot has a restore and no init") {
    const auto log = read_function_log(
        "REPORT RequestId: 1\tDuration: 5.50 ms\tBilled Duration: 6 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 60 MB\tRestore Duration: 458.51 ms\tBilled Restore Duration: 9 ms");

    REQUIRE(log);
    CHECK(log->restore_us == Samples{458'510});
    CHECK(log->billed_us == Samples{6'000});
    CHECK(log->init_us.empty());
  }

  TEST_CASE("JSON objects, and those of the application beside them") {
    const auto log = read_function_log(
        R"({"time":"2026-11-30T10:00:00.000Z","type":"platform.start","record":{"requestId":"1"}})"
        "\n"
        R"({"level":"INFO","message":"a platform.report"})"
        "\n"
        R"(2026-11-30T10:00:00 {"time":"t","type":"platform.report","record":{"requestId":"1",)"
        R"("metrics":{"durationMs":1.5,"billedDurationMs":2,"memorySizeMB":128,)"
        R"("maxMemoryUsedMB":33,"initDurationMs":20.25},"status":"success"}})"
        "\n"
        R"({"time":"t","type":"platform.report","record":{"requestId":"2","metrics":)"
        R"({"durationMs":30000.0,"billedDurationMs":30000,"memorySizeMB":128,)"
        R"("maxMemoryUsedMB":33},"status":"timeout"}})"
        "\n");

    REQUIRE(log);
    CHECK(log->duration_us == Samples{1'500, 30'000'000});
    CHECK(log->init_us == Samples{20'250});
    CHECK(log->errors == 1);
  }

  TEST_CASE("a log without reports, and a report without figures, are refused") {
    CHECK(read_function_log("START RequestId: 1\nEND RequestId: 1\n").error().text ==
          "bench: read log: expected REPORT lines of Lambda, found none in 2 lines; `aws logs tail "
          "GROUP --since 10m` prints them");
    CHECK_FALSE(read_function_log(""));
    for (const std::string duration : {"soon", "nan", "inf", "-1", "1e300"}) {
      CAPTURE(duration);
      CHECK(read_function_log("\nREPORT RequestId: 1\tDuration: " + duration +
                              " ms\tBilled Duration: 1 ms\n")
                .error()
                .text ==
            "bench: read log: line 2: expected a REPORT with Duration and Billed Duration, got "
            "another");
    }
  }
}
