// SPDX-License-Identifier: MIT
#include "runtime/tracing/span.h"

#include <doctest/doctest.h>

using namespace phork::tracing;

namespace {

Span sample() {
  Span span;
  span.context = {"5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", true};
  span.id = "00f067aa0ba902b7";
  span.name = "event";
  span.begin = Moment(std::chrono::microseconds(1'700'000'000'123'456));
  span.end = span.begin + std::chrono::microseconds(789);
  span.texts = {{"phork.strategy", "fork"}};
  span.numbers = {{"phork.php_us", 42}};
  return span;
}

}  // namespace

TEST_SUITE("span") {
  TEST_CASE("a subsegment for X-Ray") {
    Span span = sample();
    CHECK(xray_datagram(span) ==
          "{\"format\":\"json\",\"version\":1}\n"
          R"({"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"00f067aa0ba902b7",)"
          R"("parent_id":"53995c3f42cd8ad8","type":"subsegment","name":"phork event",)"
          R"("start_time":1700000000.123456,"end_time":1700000000.124245,)"
          R"("metadata":{"phork":{"phork.strategy":"fork","phork.php_us":42}}})");
    span.failed = true;
    CHECK(xray_datagram(span).find(R"("fault":true)") != std::string::npos);
  }

  TEST_CASE("spans for OpenTelemetry") {
    Span span = sample();
    span.failed = true;
    CHECK(otlp_request({span}, {"shop", "shop-fn", "7", "eu-west-1"}) ==
          R"({"resourceSpans":[{"resource":{"attributes":[)"
          R"({"key":"service.name","value":{"stringValue":"shop"}},)"
          R"({"key":"cloud.provider","value":{"stringValue":"aws"}},)"
          R"({"key":"cloud.platform","value":{"stringValue":"aws_lambda"}},)"
          R"({"key":"cloud.region","value":{"stringValue":"eu-west-1"}},)"
          R"({"key":"faas.name","value":{"stringValue":"shop-fn"}},)"
          R"({"key":"faas.version","value":{"stringValue":"7"}}]},)"
          R"("scopeSpans":[{"scope":{"name":"phork","version":")" PHORK_VERSION
          R"("},"spans":[{"traceId":"5759e988bd862e3fe1be46a994272793",)"
          R"("spanId":"00f067aa0ba902b7","parentSpanId":"53995c3f42cd8ad8",)"
          R"("name":"phork event","kind":1,"startTimeUnixNano":"1700000000123456000",)"
          R"("endTimeUnixNano":"1700000000124245000","attributes":[)"
          R"({"key":"phork.strategy","value":{"stringValue":"fork"}},)"
          R"({"key":"phork.php_us","value":{"intValue":"42"}}],"status":{"code":2}}]}]}]})");
  }
}
