// SPDX-License-Identifier: MIT
//
// Promises that every strategy keeps, and those in which they differ: real bootstrap, real PHP.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

// Runs a case under each strategy.
template <typename Case>
void for_each_strategy(const std::string& handler, Case&& run) {
  for (const std::string& strategy : testing::all_strategies()) {
    INFO("strategy " << strategy);
    RuntimeOptions options;
    options.handler = handler;
    options.strategy = strategy;
    run(options);
  }
}

}  // namespace

TEST_SUITE("strategies") {
  TEST_CASE("a handler gets the event and its context, and its result is the answer") {
    for_each_strategy("echo.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      emulator::Event event;
      event.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
      event.trace_id = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0";
      event.client_context = R"({"custom":{"k":"v"}})";
      event.cognito_identity = R"({"cognitoIdentityId":"id"})";
      event.tenant_id = "tenant-1";
      event.payload = R"({"name":"Zoë","list":[1,2.5,null,true],"deep":{"a":{"b":"c"}}})";
      const auto result = runtime.invoke(event);
      REQUIRE(result.answered());
      const Json answer(result.body);
      CHECK(answer.text("event.name") == "Zoë");
      CHECK(answer.text("event.deep.a.b") == "c");
      CHECK(answer.text("context.requestId") == event.request_id);
      CHECK(answer.text("context.traceId") == event.trace_id);
      CHECK(answer.text("context.tenantId") == "tenant-1");
      CHECK(answer.text("context.clientContext.custom.k") == "v");
      CHECK(answer.text("context.identity.cognitoIdentityId") == "id");
      CHECK(answer.text("context.functionArn") ==
            "arn:aws:lambda:eu-west-1:123456789012:function:test");
      CHECK(answer.integer("context.memoryLimitInMB") == 512);
      CHECK(answer.text("context.logStreamName") == "stream");
      CHECK(answer.integer("context.remainingMs") > 5'000);
      CHECK(answer.integer("context.remainingMs") <= 10'000);
    });
  }

  TEST_CASE("a static counter starts from zero for each event, but counts under inprocess") {
    for_each_strategy("counter.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      for (int event = 1; event <= 5; ++event) {
        CHECK(answer_of(runtime).integer("served") ==
              (testing::isolates(options.strategy) ? 1 : event));
      }
    });
  }

  TEST_CASE("every event draws its own random numbers, whatever boot has drawn") {
    for_each_strategy("random.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      std::map<std::string, std::set<std::string>> drawn;
      constexpr std::size_t kEvents = 4;
      for (std::size_t event = 0; event < kEvents; ++event) {
        const Json answer = answer_of(runtime);
        for (const char* generator : {"mt_rand", "rand", "random_int", "lcg_value", "shuffle",
                                      "sqlite_of_boot", "sqlite", "pdo_sqlite", "xslt"}) {
          drawn[generator].insert(answer.raw(generator));
        }
      }
      for (const auto& numbers : drawn) {
        CAPTURE(numbers.first);
        CHECK(numbers.second.size() == kEvents);
      }
    });
  }

  TEST_CASE("a thousand events leave one bootstrap, no zombie and no descriptor behind") {
    for_each_strategy("counter.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      for (int event = 0; event < 20; ++event) answer_of(runtime);
      runtime.settled();
      const int descriptors = testing::open_descriptors(runtime.pid());
      // These boot PHP for each event, which is slow.
      const bool boots = options.strategy == "exec" || options.strategy == "prespawn";
      const unsigned events = testing::event_count(boots ? 50 : 1'000);
      for (unsigned event = 0; event < events; ++event) answer_of(runtime);
      runtime.settled();
      CHECK(testing::open_descriptors(runtime.pid()) == descriptors);
    });
  }

  TEST_CASE("opcache caches scripts and counts hits, across events where they share its memory") {
    for_each_strategy("opcache.php", [](const RuntimeOptions& options) {
      const bool shares = options.strategy != "exec" && options.strategy != "prespawn";
      Runtime runtime(options);
      answer_of(runtime);
      const Json second = answer_of(runtime);
      const Json third = answer_of(runtime);
      CHECK(third.boolean("enabled"));
      CHECK(third.boolean("includedWasCached") == shares);
      CHECK(third.integer("scripts") > 5);
      CHECK((third.integer("hits") > second.integer("hits")) == shares);
      CHECK(third.integer("misses") == second.integer("misses"));
    });
  }

  TEST_CASE("a rehearsed event has run once before the first real event") {
    for_each_strategy("warm.php", [](RuntimeOptions options) {
      options.environment["PHORK_WARMUP"] =
          testing::source_path("tests/fixtures/events/empty.json");
      Runtime runtime(options);
      // exec boots inside the event and php-fpm for each event: neither rehearses.
      const int rehearsed = options.strategy == "exec" || options.strategy == "fpm" ? 0 : 1;
      CHECK(answer_of(runtime).integer("served") == rehearsed + 1);
      CHECK(answer_of(runtime).integer("served") ==
            (testing::isolates(options.strategy) ? rehearsed + 1 : 3));
    });
  }

  TEST_CASE("hooks run once at the seal and once in each child") {
    RuntimeOptions options;
    options.handler = "hooks.php";
    Runtime runtime(options);
    for (int event = 0; event < 2; ++event) {
      const Json answer = answer_of(runtime);
      CHECK(answer.text("ran.0.0") == "seal");
      CHECK(answer.text("ran.1.0") == "fork");
      CHECK(answer.integer("ran.1.1") == answer.integer("pid"));
      CHECK(answer.integer("ran.0.1") != answer.integer("pid"));
    }
  }

  TEST_CASE("the parts of an event that a result returns are as they came") {
    const std::string request = R"("request":{"empty":{},"list":[],"id":18446744073709551616,)"
                                R"("map":{"0":1},"numbers":[-0.0,1e3,1.0]})";
    const std::string event = "{" + request + R"(,"response":{"claims":{}}})";
    const std::string escaped = std::regex_replace(event, std::regex("\""), "\\\"");
    const std::string moved = "\"moved" + request.substr(std::string("\"request").size());
    for_each_strategy("trigger.php", [&](RuntimeOptions options) {
      for (const char* response : {"buffered", "stream"}) {
        if (options.strategy == "fpm" && std::string_view(response) == "stream") continue;
        options.environment["PHORK_RESPONSE"] = response;
        Runtime runtime(options);
        for (int i = 0; i < 2; ++i) {
          const auto result = runtime.invoke(event);
          REQUIRE(result.answered());
          CHECK(result.body == "{" + request + R"(,"response":{"claims":{},"confirm":true},)" +
                                   moved + R"(,"own":[],"raw":")" + escaped + "\"}");
        }
      }
    });
  }

  TEST_CASE("a function of a file is a handler, too") {
    for_each_strategy("functions.greet", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      CHECK(answer_of(runtime, R"({"name":"Ada"})").text("greeting") == "Hello, Ada!");
    });
  }
}
