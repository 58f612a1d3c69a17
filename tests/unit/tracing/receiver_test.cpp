// SPDX-License-Identifier: MIT
#include "runtime/tracing/receiver.h"

#include <cstdlib>
#include <map>

#include <doctest/doctest.h>

using namespace phork;
using tracing::read_receiver;
using tracing::Receiver;

namespace {

// Reads the receiver with these variables alone.
base::Result<Receiver> read_with(const std::map<std::string, std::string>& variables) {
  for (const char* name : {"PHORK_TRACE", "AWS_XRAY_DAEMON_ADDRESS", "OTEL_EXPORTER_OTLP_ENDPOINT",
                           "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
                           "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_SERVICE_NAME"}) {
    ::unsetenv(name);
  }
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  return read_receiver();
}

}  // namespace

TEST_SUITE("receiver") {
  TEST_CASE("off, whatever else is set") {
    const auto receiver = read_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"}});
    REQUIRE(receiver.ok());
    CHECK(receiver->format == base::Trace::kOff);
  }

  TEST_CASE("X-Ray's daemon") {
    for (const auto& [given, address] :
         std::map<std::string, std::string>{{"", "127.0.0.1:2000"},
                                            {"169.254.79.129:2000", "169.254.79.129:2000"},
                                            {"tcp:1.2.3.4:1 udp:5.6.7.8:9", "5.6.7.8:9"},
                                            {"udp:5.6.7.8:9 tcp:1.2.3.4:1", "5.6.7.8:9"}}) {
      const std::string& value = given;  // clang 14 captures no binding
      CAPTURE(value);
      const auto receiver =
          read_with({{"PHORK_TRACE", "xray"}, {"AWS_XRAY_DAEMON_ADDRESS", value}});
      REQUIRE(receiver.ok());
      CHECK(receiver->endpoint.text() == address);
    }
  }

  TEST_CASE("a collector") {
    const auto usual = read_with({{"PHORK_TRACE", "otlp"}});
    REQUIRE(usual.ok());
    CHECK(usual->endpoint.text() == "localhost:4318");
    CHECK(usual->path == "/v1/traces");

    const auto below = read_with(
        {{"PHORK_TRACE", "otlp"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:80/base/"}});
    REQUIRE(below.ok());
    CHECK(below->endpoint.text() == "otel:80");
    CHECK(below->path == "/base/v1/traces");
    CHECK(below->timeout == std::chrono::milliseconds(100));

    const auto whole = read_with({{"PHORK_TRACE", "otlp"},
                                  {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:1"},
                                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://otel:80/mine"},
                                  {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x=1"},
                                  {"OTEL_EXPORTER_OTLP_TIMEOUT", "250"},
                                  {"OTEL_SERVICE_NAME", "shop"}});
    REQUIRE(whole.ok());
    CHECK(whole->endpoint.text() == "otel:80");
    CHECK(whole->path == "/mine");
    CHECK(whole->header_lines == "api-key: a b\r\nx: 1\r\n");
    CHECK(whole->timeout == std::chrono::milliseconds(250));
    CHECK(whole->resource.service == "shop");
  }

  TEST_CASE("a wrong value is refused by its name, and not repeated") {
    for (const auto& [setting, value] :
         std::map<std::string, std::string>{{"AWS_XRAY_DAEMON_ADDRESS", "secret"},
                                            {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://secret:4318"},
                                            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "secret:4318"},
                                            {"OTEL_EXPORTER_OTLP_TIMEOUT", "12secret"},
                                            {"OTEL_EXPORTER_OTLP_HEADERS", "secret"}}) {
      const std::string& name = setting;
      CAPTURE(name);
      const std::string format = name.starts_with("AWS") ? "xray" : "otlp";
      const auto receiver = read_with({{"PHORK_TRACE", format}, {name, value}});
      REQUIRE_FALSE(receiver.ok());
      CHECK(receiver.error().text.find(name) != std::string::npos);
      CHECK(receiver.error().text.find("secret") == std::string::npos);
    }
    const auto lines = read_with(
        {{"PHORK_TRACE", "otlp"}, {"OTEL_EXPORTER_OTLP_HEADERS", "key=a%0d%0aInjected: 1"}});
    CHECK_FALSE(lines.ok());
    CHECK_FALSE(read_with({{"PHORK_TRACE", "zipkin"}}).ok());
  }
}
