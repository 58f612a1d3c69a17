// SPDX-License-Identifier: MIT
#include "emulator/extensions/subscription.h"

#include <string>

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

std::string body(const std::string& types, const std::string& buffering, const std::string& uri) {
  return R"({"schemaVersion":"2022-12-13","types":)" + types + R"(,"buffering":)" + buffering +
         R"(,"destination":{"protocol":"HTTP","URI":")" + uri + "\"}}";
}

constexpr const char* kUri = "http://sandbox.localdomain:8080/in?a=b";

}  // namespace

TEST_SUITE("subscription") {
  TEST_CASE("types, limits and destination") {
    const auto read =
        read_subscription(body(R"(["platform","extension"])",
                               R"({"maxItems":1000,"maxBytes":300000,"timeoutMs":25})", kUri));
    REQUIRE(read.ok());
    CHECK(read->types() == std::vector<std::string>{"platform", "extension"});
    CHECK(read->max_items == 1000);
    CHECK(read->max_bytes == 300'000);
    CHECK(read->timeout == 25ms);
    CHECK(read->port == 8080);
    CHECK(read->path == "/in?a=b");
  }

  TEST_CASE("limits that are left out are Lambda's") {
    const auto read = read_subscription(body(R"(["function"])", "{}", "http://sandbox"));
    REQUIRE(read.ok());
    CHECK(read->max_items == 10'000);
    CHECK(read->max_bytes == 262'144);
    CHECK(read->timeout == 1000ms);
    CHECK(read->port == 80);
    CHECK(read->path == "/");
  }

  TEST_CASE("a wrong one is refused, with what was expected") {
    struct Case {
      std::string body;
      const char* expected;
    };

    const std::string types = R"(["platform"])";
    for (const Case& wrong :
         {Case{"no JSON", "a JSON object"}, Case{"[]", "a JSON object"},
          Case{body("[]", "{}", kUri), "types"}, Case{body(R"(["logs"])", "{}", kUri), "types"},
          Case{body(types, R"({"maxItems":999})", kUri), "buffering.maxItems from 1000 to 10000"},
          Case{body(types, R"({"maxBytes":2000000})", kUri), "buffering.maxBytes"},
          Case{body(types, R"({"timeoutMs":"25"})", kUri), "buffering.timeoutMs"},
          Case{body(types, "{}", "http://example.com:80/"), "destination"},
          Case{body(types, "{}", "https://sandbox.localdomain:80/"), "destination"},
          Case{body(types, "{}", "http://sandbox:0/"), "destination"},
          Case{body(types, "{}", "http://sandbox:80/a b"), "destination"},
          Case{R"({"types":["platform"],"destination":{"protocol":"TCP","port":1}})",
               "destination"}}) {
      CAPTURE(wrong.body);
      const auto read = read_subscription(wrong.body);
      REQUIRE_FALSE(read.ok());
      CHECK_MESSAGE(read.error().text.find(wrong.expected) != std::string::npos, read.error().text);
    }
  }
}
