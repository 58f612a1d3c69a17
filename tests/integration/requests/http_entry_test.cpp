// SPDX-License-Identifier: MIT
//
// An entry that implements Symfony's HttpKernelInterface: requests reach it through the
// superglobals, under every strategy.
#include <string>

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

std::string http_event(const std::string& path, const std::string& query,
                       const std::string& more = "") {
  return R"({"version":"2.0","routeKey":"$default","rawPath":")" + path +
         R"(","rawQueryString":")" + query + "\"," + more +
         R"("headers":{"host":"shop.example:8443","x-color":"blue","authorization":"Basic dTpw"},)"
         R"("requestContext":{"http":{"method":"GET","path":"/","protocol":"HTTP/1.1",)"
         R"("sourceIp":"203.0.113.9","userAgent":"test"},"stage":"$default"},)"
         R"("isBase64Encoded":false})";
}

RuntimeOptions kernel(const std::string& strategy) {
  RuntimeOptions options;
  options.handler = "kernel.php";
  options.strategy = strategy;
  return options;
}

}  // namespace

TEST_SUITE("http entry") {
  TEST_CASE("a PSR-7 request has path parameters and each value of a repeated header") {
    const std::string event = R"({"httpMethod":"GET","path":"/items/7",)"
                              R"("multiValueHeaders":{"X-A":["a","b, c"],"X-B":["1"]},)"
                              R"("pathParameters":{"id":"7"}})";
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = kernel(strategy);
      options.handler = "psr15.php";
      options.environment["PHORK_SERVER_SOFTWARE"] = "nginx/1.22.1";
      Runtime runtime(options);
      const Json seen(answer_of(runtime, event).text("body"));
      CHECK(seen.raw("headers.X-A") == R"(["a","b, c"])");
      CHECK(seen.raw("headers.X-B") == R"(["1"])");
      CHECK(seen.text("id") == "7");
      CHECK(seen.text("joined") == "a, b, c");
      CHECK(seen.text("software") == "nginx/1.22.1");
      CHECK(seen.raw("details") == "[]");
      // Nothing of it is left for the next event.
      const Json next(
          answer_of(runtime, R"({"httpMethod":"GET","headers":{"X-A":"d"}})").text("body"));
      CHECK(next.raw("headers.X-A") == R"(["d"])");
      CHECK(next.raw("id") == "null");
    }
  }

  TEST_CASE("query, headers and cookies of a GET reach the superglobals") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      // Twice, so that a value that the first request left shows in the second.
      for (const char* color : {"red", "green"}) {
        const Json answer = answer_of(
            runtime, http_event("/a%20b", std::string("c=") + color + "&l[]=1&l[]=2&t=x%2Fy+z",
                                R"("cookies":["sid=a%2Fb","theme=dark"],)"));
        CHECK(answer.integer("statusCode") == 200);
        const Json seen(answer.text("body"));
        CHECK(seen.text("get.c") == color);
        CHECK(seen.text("get.l.1") == "2");
        CHECK(seen.text("get.t") == "x/y z");
        CHECK(seen.text("cookie.sid") == "a/b");
        CHECK(seen.text("cookie.theme") == "dark");
        CHECK(seen.text("request.c") == color);
        CHECK(seen.raw("post") == "[]");
        CHECK(seen.text("server.REQUEST_METHOD") == "GET");
        CHECK(seen.text("server.HTTP_X_COLOR") == "blue");
        CHECK(seen.text("server.HTTP_HOST") == "shop.example:8443");
        CHECK(seen.text("server.SERVER_NAME") == "shop.example");
        CHECK(seen.text("server.REMOTE_ADDR") == "203.0.113.9");
        CHECK(seen.text("server.HTTPS") == "on");
        CHECK(seen.text("server.PHP_AUTH_USER") == "u");
        CHECK(seen.text("server.PHP_AUTH_PW") == "p");
        CHECK(seen.text("server.PHP_SELF") == "/kernel.php");
      }
    }
  }

  TEST_CASE("a cookie or header of one request is not there in the next") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      answer_of(runtime, http_event("/", "only=first", R"("cookies":["sid=1"],)"));
      const Json seen(answer_of(runtime, http_event("/", "")).text("body"));
      CHECK_FALSE(seen.has("get.only"));
      CHECK_FALSE(seen.has("cookie.sid"));
      CHECK_FALSE(seen.has("server.HTTP_COOKIE"));
    }
  }

  TEST_CASE(
      "a kernel is booted once, and each event starts from that state where events are isolated") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      for (int request = 1; request <= 3; ++request) {
        const Json seen(answer_of(runtime, http_event("/", "")).text("body"));
        CHECK(seen.integer("boots") == 1);
        CHECK(seen.integer("served") == (testing::isolates(strategy) ? 1 : request));
      }
    }
  }

  TEST_CASE("status, repeated headers and cookies come back") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      CHECK(answer_of(runtime, http_event("/status", "code=418")).integer("statusCode") == 418);
      const Json answer = answer_of(runtime, http_event("/cookies", ""));
      CHECK(answer.text("cookies.0") == "a=1; path=/");
      CHECK(answer.text("cookies.1") == "b=2; path=/; HttpOnly");
      CHECK(answer.text("headers.X-Twice") == "one, two");
    }
  }

  TEST_CASE("a binary body is base64, text is text, a megabyte is whole") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      const Json binary = answer_of(runtime, http_event("/binary", ""));
      CHECK(binary.boolean("isBase64Encoded"));
      CHECK(binary.text("body").starts_with("AAECAwQF"));
      const Json large = answer_of(runtime, http_event("/large", "bytes=1048576"));
      CHECK_FALSE(large.boolean("isBase64Encoded"));
      CHECK(large.text("body").size() == 1'048'576);
    }
  }

  TEST_CASE("an uncaught exception is a 500 and a log line, and the next request works") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      CHECK(answer_of(runtime, http_event("/throw", "")).integer("statusCode") == 500);
      CHECK(runtime.output_when_idle().find("DomainException: thrown on purpose") !=
            std::string::npos);
      CHECK(answer_of(runtime, http_event("/", "")).integer("statusCode") == 200);
    }
  }

  TEST_CASE("an exit in the middle answers what there is so far") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      const Json answer = answer_of(runtime, http_event("/exit", ""));
      CHECK(answer.integer("statusCode") == 202);
      CHECK(answer.text("body") == "so far");
      CHECK(answer_of(runtime, http_event("/", "")).integer("statusCode") == 200);
    }
  }

  TEST_CASE("terminate() runs after the answer, and its log lines are kept") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      answer_of(runtime, http_event("/", "terminate=first"));
      answer_of(runtime, http_event("/", ""));
      CHECK(runtime.output_when_idle().find("terminated: first") != std::string::npos);
    }
  }

  TEST_CASE("PHP's log reaches the output line by line") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      answer_of(runtime, http_event("/log", ""));
      CHECK(runtime.output_when_idle().find("a line by error_log\n") != std::string::npos);
      CHECK(runtime.output_when_idle().find("a line on stderr\n") != std::string::npos);
    }
  }

  TEST_CASE("an event that is not an HTTP event is refused, and the next request is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      Runtime runtime(kernel(strategy));
      const auto result = runtime.invoke(R"({"Records":[]})");
      CHECK(result.ending == emulator::Ending::kFailed);
      CHECK(Json(result.body).text("errorType") == "Runtime.InvalidEvent");
      CHECK(answer_of(runtime, http_event("/", "")).integer("statusCode") == 200);
    }
  }
}
