// SPDX-License-Identifier: MIT
#include "runtime/logging/metrics.h"

#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/captured.h"

namespace phork::logging {
namespace {

using namespace std::chrono_literals;
using testing::captured;

EventMetrics example() {
  return {"r-1", "fork", 321us, 1234us, 17, 256, 3, 640};
}

}  // namespace

TEST_SUITE("metrics") {
  TEST_CASE("an event is one object with ids and figures") {
    CHECK(format_json(example()) ==
          R"({"phork":"event","request_id":"r-1","strategy":"fork","latency_us":321,)"
          R"("billed_us":1234,"minor_faults":17,"php_us":256,"generation":3,"ready_us":640})");
  }

  TEST_CASE("a strategy that makes processes says when") {
    EventMetrics metrics = example();
    metrics.refill = "during";
    CHECK(format_json(metrics).find(R"("strategy":"fork","refill":"during","latency_us")") !=
          std::string::npos);
    CHECK(format_emf(metrics, "f", {}).find(R"("RequestId":"r-1","Refill":"during",)") !=
          std::string::npos);
  }

  TEST_CASE("large figures are written in full") {
    EventMetrics metrics = example();
    metrics.minor_faults = 4'294'967'295;
    metrics.php_us = 9'007'199'254'740'992;
    const std::string json = format_json(metrics);
    CHECK(json.find(R"("minor_faults":4294967295)") != std::string::npos);
    CHECK(json.find(R"("php_us":9007199254740992)") != std::string::npos);
  }

  TEST_CASE("an id is escaped in its string") {
    EventMetrics metrics = example();
    metrics.request_id = "a\"b\n";
    CHECK(format_json(metrics).find(R"("request_id":"a\"b\n",)") != std::string::npos);
  }

  TEST_CASE("each metric declared to CloudWatch has its figure in the same object") {
    const auto time = std::chrono::system_clock::time_point(1'735'689'600'123ms);
    const std::string line = format_emf(example(), "checkout", time);
    CHECK(line ==
          R"({"_aws":{"Timestamp":1735689600123,"CloudWatchMetrics":[{"Namespace":"phork",)"
          R"("Dimensions":[["FunctionName","Strategy"]],"Metrics":[)"
          R"({"Name":"Latency","Unit":"Microseconds"},{"Name":"Billed","Unit":"Microseconds"},)"
          R"({"Name":"PhpTime","Unit":"Microseconds"},{"Name":"MinorFaults","Unit":"Count"},)"
          R"({"Name":"Ready","Unit":"Microseconds"}]}]},"FunctionName":"checkout",)"
          R"("Strategy":"fork","RequestId":"r-1","Generation":3,"Latency":321,"Billed":1234,)"
          R"("PhpTime":256,"MinorFaults":17,"Ready":640})");
  }

  TEST_CASE("CloudWatch gets no Ready metric without a time, and always a function name") {
    EventMetrics metrics = example();
    metrics.ready_us = 0;
    const std::string line = format_emf(metrics, "", {});
    CHECK(line.find("Ready") == std::string::npos);
    CHECK(line.find(R"("FunctionName":"unknown")") != std::string::npos);
  }

  TEST_CASE("metrics are one line on standard output, or no line when they are off") {
    const auto written = [](base::MetricsFormat format) {
      return captured(STDOUT_FILENO, [format] { MetricsWriter(format, "f").write(example()); });
    };
    CHECK(written(base::MetricsFormat::kJson) == format_json(example()) + '\n');
    CHECK(written(base::MetricsFormat::kOff).empty());
    const std::string emf = written(base::MetricsFormat::kEmf);
    CHECK(emf.starts_with(R"({"_aws":{"Timestamp":)"));
    CHECK(emf.ends_with("\"Ready\":640}\n"));
    CHECK(emf.find('\n') == emf.size() - 1);
  }
}

}  // namespace phork::logging
