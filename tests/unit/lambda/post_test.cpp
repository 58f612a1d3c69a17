// SPDX-License-Identifier: MIT
#include <future>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "runtime/lambda/http_runtime_api.h"
#include "runtime/lambda/runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using event::Invocation;
using testing::Connection;
using testing::MockApi;
using testing::ScriptedServer;
using Verdict = Posted::Verdict;

Invocation invocation_of(const std::string& request_id) {
  Invocation invocation;
  invocation.request_id = request_id;
  return invocation;
}

}  // namespace

TEST_SUITE_BEGIN("post");

TEST_CASE("an answer is posted to the response path of its event with body and content type") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  const auto posted = api.respond(invocation_of("r-1"), {"{\"ok\":\"ü\"}", "application/json"});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  CHECK(posted->status == 202);

  const auto request = mock.last_request();
  CHECK(request.method == "POST");
  CHECK(request.target == "/2018-06-01/runtime/invocation/r-1/response");
  CHECK(request.body == "{\"ok\":\"ü\"}");
  CHECK(request.header("Content-Type") == "application/json");
  CHECK(request.header("Content-Length") == "11");
  CHECK(request.header("User-Agent") == "aws-lambda-phork/" PHORK_VERSION);
  CHECK_FALSE(request.has("Lambda-Runtime-Function-Error-Type"));
}

TEST_CASE("an answer of zero bytes is posted") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  const auto posted = api.respond(invocation_of("r"), {""});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  CHECK(mock.last_request().header("Content-Length") == "0");
}

TEST_CASE("an answer of the maximum length arrives complete") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  std::string body(kMaxAnswerBytes, 'y');
  body[6'000'000] = '\0';
  const auto posted = api.respond(invocation_of("r"), {body, "application/octet-stream"});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  CHECK(mock.last_request().body == body);
  CHECK(mock.last_request().header("Content-Type") == "application/octet-stream");
}

TEST_CASE("a content type that would break the header is replaced") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  for (const char* type : {"", "text/html\r\nX-Evil: 1", "text/\x01", "text/\xc3\xbc"}) {
    REQUIRE(api.respond(invocation_of("r"), {"{}", type}).ok());
    CHECK(mock.last_request().header("Content-Type") == "application/octet-stream");
    CHECK_FALSE(mock.last_request().has("X-Evil"));
  }
}

TEST_CASE("a request id is percent-encoded in the path") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  const Invocation invocation = invocation_of("a/b?c#d e%41+ü~._-Z9");
  const std::string prefix =
      "/2018-06-01/runtime/invocation/a%2Fb%3Fc%23d%20e%2541%2B%C3%BC~._-Z9/";

  REQUIRE(api.respond(invocation, {"{}"}).ok());
  CHECK(mock.last_request().target == prefix + "response");
  REQUIRE(api.fail(invocation, {"T", "m", {}}).ok());
  CHECK(mock.last_request().target == prefix + "error");
}

TEST_CASE("the invocation id is sent back when there was one, and omitted otherwise") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  Invocation invocation = invocation_of("r");
  REQUIRE(api.respond(invocation, {"{}"}).ok());
  CHECK_FALSE(mock.last_request().has("Lambda-Runtime-Invocation-Id"));
  REQUIRE(api.fail(invocation, {"T", "m", {}}).ok());
  CHECK_FALSE(mock.last_request().has("Lambda-Runtime-Invocation-Id"));

  invocation.invocation_id = "attempt-2";
  REQUIRE(api.respond(invocation, {"{}"}).ok());
  CHECK(mock.last_request().header("Lambda-Runtime-Invocation-Id") == "attempt-2");
  REQUIRE(api.fail(invocation, {"T", "m", {}}).ok());
  CHECK(mock.last_request().header("Lambda-Runtime-Invocation-Id") == "attempt-2");
}

TEST_CASE("the verdict follows the status and has the server's error type") {
  struct Case {
    int status;
    Verdict verdict;
  };

  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  mock.post_body = R"({"errorMessage":"m","errorType":"InvalidRequestID"})";
  for (const Case& expected :
       {Case{413, Verdict::kTooLarge}, Case{410, Verdict::kLate}, Case{400, Verdict::kRefused},
        Case{403, Verdict::kRefused}, Case{500, Verdict::kRefused}}) {
    CAPTURE(expected.status);
    mock.post_status = expected.status;
    const auto answered = api.respond(invocation_of("r"), {"{}"});
    REQUIRE(answered.ok());
    CHECK(answered->verdict == expected.verdict);
    CHECK(answered->status == expected.status);
    CHECK(answered->error_type == "InvalidRequestID");
    CHECK(answered->message == "m");
    CHECK_FALSE(answered->accepted());
    const auto failed = api.fail(invocation_of("r"), {"T", "m", {}});
    REQUIRE(failed.ok());
    CHECK(failed->verdict == expected.verdict);
  }
  CHECK(mock.requests().size() == 10);
  CHECK(mock.connections() == 1);
}

TEST_CASE("the server's words are fit for a log, and are kept when they are no JSON") {
  struct Case {
    std::string body;
    std::string refusal;
  };

  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  mock.post_status = 400;
  const std::string long_text(600, 'x');
  for (const Case& expected :
       {Case{R"({"errorMessage":"two\nlines\u001b[0m \u00e9","errorType":"T"})",
             "status=400 T: two?lines?[0m ??"},
        Case{R"({"errorMessage":7,"errorType":"two words"})", "status=400"},
        Case{R"({"errorType":"T"})", "status=400 T"}, Case{"", "status=400"},
        Case{"Bad Gateway\r\n", "status=400: Bad Gateway"}, Case{"<html>no</html>", "status=400"},
        Case{"[]", "status=400"},
        Case{R"({"errorMessage":")" + long_text + "\"}",
             "status=400: " + long_text.substr(0, 512) + "..."}}) {
    mock.post_body = expected.body;
    const auto posted = api.respond(invocation_of("r"), {"{}"});
    REQUIRE(posted.ok());
    CHECK(posted->refusal() == expected.refusal);
  }
}

TEST_CASE("an error keeps its true type in the body and has an allowed one in the header") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  const auto posted = api.fail(invocation_of("r-1"),
                               {"App\\Shop\\SoldOut", "ausverkauft: Käse \"1\"", {"#0 a", "#1 b"}});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());

  const auto request = mock.last_request();
  CHECK(request.target == "/2018-06-01/runtime/invocation/r-1/error");
  CHECK(request.header("Lambda-Runtime-Function-Error-Type") == "Function.SoldOut");
  CHECK(request.header("Content-Type") == "application/json");
  CHECK(request.body == R"({"errorMessage":"ausverkauft: Käse \"1\"",)"
                        R"("errorType":"App\\Shop\\SoldOut","stackTrace":["#0 a","#1 b"]})");
}

TEST_CASE("an init error is posted to its own path in the same form") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  const auto posted = api.fail_init({"Runtime.HandlerNotFound", "no such file, tried a.php", {}});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());

  const auto request = mock.last_request();
  CHECK(request.target == "/2018-06-01/runtime/init/error");
  CHECK(request.header("Lambda-Runtime-Function-Error-Type") == "Runtime.HandlerNotFound");
  CHECK(request.header("User-Agent") == "aws-lambda-phork/" PHORK_VERSION);
  CHECK(request.body == R"({"errorMessage":"no such file, tried a.php",)"
                        R"("errorType":"Runtime.HandlerNotFound","stackTrace":[]})");
}

TEST_CASE("an oversized error is cut to the limit and is still JSON") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  event::Failure failure{"Big", std::string(3'000'000, 'm'), {}};
  REQUIRE(api.fail(invocation_of("r"), failure).ok());
  const std::string body = mock.last_request().body;
  CHECK(body.size() <= kMaxErrorBytes);
  simdjson::dom::parser parser;
  std::string_view type;
  REQUIRE(parser.parse(body)["errorType"].get(type) == simdjson::SUCCESS);
  CHECK(type == "Big");
}

TEST_SUITE_END();

}  // namespace phork::lambda
