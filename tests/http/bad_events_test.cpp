// SPDX-License-Identifier: MIT
//
// Events that are not HTTP events, or that lack a field which their gateway always sends: the
// failure names the field and is logged once, under every strategy, and the next request is served.
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/http/site.h"
#include "tests/support/json.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using namespace phork::http_suite;
using testing::count;
using testing::Json;
using testing::Runtime;

struct BadEvent {
  std::string event;
  std::string_view named;  // must be in the message
};

constexpr std::string_view kGood =
    R"({"version":"2.0","rawPath":"/","rawQueryString":"","headers":{"host":"shop.example"},)"
    R"("requestContext":{"http":{"method":"GET","sourceIp":"203.0.113.9"}}})";

std::vector<BadEvent> unknown_events() {
  return {
      {"{}", "expected one of API Gateway"},
      {R"({"Records":[{"eventSource":"aws:sqs"}]})", "expected one of API Gateway"},
      {R"({"version":"2.0","path":"/"})", "expected one of API Gateway"},
      {"[]", "expected a JSON object"},
      {"null", "expected a JSON object"},
      {"17", "expected a JSON object"},
      {R"("text")", "expected a JSON object"},
      {"{", "malformed JSON"},
      {R"({"rawPath":"/)", "malformed JSON"},
      {"GET / HTTP/1.1\r\n\r\n", "malformed JSON"},
      {std::string(R"({"rawPath":"/)") + "\xff\"}", "bytes that are not UTF-8"},
      {std::string(R"({"rawPath":"/","headers":{"a":")") + "\xc3\"}}", "bytes that are not UTF-8"},
      {R"({"rawPath":"/","headers":{"a":"\ud800"},"requestContext":{"http":{"method":"GET"}}})",
       "half a surrogate pair"},
  };
}

std::vector<BadEvent> rest_events() {
  const std::string begin = R"({"httpMethod":"POST","path":"/","requestContext":{},)";
  return {
      {R"({"path":"/","requestContext":{"resourcePath":"/"}})", "'httpMethod'"},
      {R"({"httpMethod":null,"path":"/","requestContext":{"resourcePath":"/"}})", "'httpMethod'"},
      {R"({"httpMethod":7,"path":"/"})", "'httpMethod'"},
      {R"({"httpMethod":"GET","path":["/"]})", "'path'"},
      {begin + R"("multiValueHeaders":"host"})", "'multiValueHeaders'"},
      {begin + R"("multiValueHeaders":{"host":"a"}})", "'multiValueHeaders.host'"},
      {begin + R"("multiValueHeaders":{"host":["a",true]}})", "'multiValueHeaders.host'"},
      {begin + R"("headers":{"host":["a"]}})", "'headers.host'"},
      {begin + R"("headers":{"a":"1","content-length":{}}})", "'headers.content-length'"},
      {begin + R"("queryStringParameters":["a"]})", "'queryStringParameters'"},
      {begin + R"("body":{"a":1}})", "'body'"},
      {begin + R"("body":"YQ==","isBase64Encoded":"yes"})", "'isBase64Encoded'"},
      {begin + R"("body":"no base64!","isBase64Encoded":true})", "body"},
      {begin + R"("body":"YQ=","isBase64Encoded":true})", "body"},
      {begin + R"("body":"YQ==YQ==","isBase64Encoded":true})", "body"},
  };
}

std::vector<BadEvent> http_api_events() {
  const std::string begin = R"({"version":"2.0","rawPath":"/","rawQueryString":"",)";
  const std::string context = R"("requestContext":{"http":{"method":"POST"}})";
  return {
      {R"({"version":"2.0","rawPath":"/"})", "'requestContext'"},
      {R"({"version":"2.0","rawPath":"/","requestContext":{}})", "'requestContext.http'"},
      {R"({"version":"2.0","rawPath":"/","requestContext":{"http":{}}})",
       "'requestContext.http.method'"},
      {R"({"version":"2.0","rawPath":1,)" + context + "}", "'rawPath'"},
      {R"({"version":"2.0","rawPath":"/","rawQueryString":{},)" + context + "}",
       "'rawQueryString'"},
      {begin + R"("cookies":"a=1",)" + context + "}", "'cookies'"},
      {begin + R"("cookies":["a=1",{}],)" + context + "}", "'cookies'"},
      {begin + R"("headers":["a"],)" + context + "}", "'headers'"},
      {begin + R"("headers":{"a":true},)" + context + "}", "'headers.a'"},
      {begin + R"("body":"a","isBase64Encoded":true,)" + context + "}", "body"},
  };
}

std::vector<BadEvent> other_events() {
  return {
      {R"({"requestContext":{"elb":{}},"path":"/"})", "'httpMethod'"},
      {R"({"requestContext":{"elb":{}},"httpMethod":"GET","path":"/","multiValueHeaders":{"a":1}})",
       "'multiValueHeaders.a'"},
      {R"({"requestContext":{"connectionId":"c"}})", "'requestContext.eventType'"},
      {R"({"requestContext":{"connectionId":"c","eventType":"MESSAGE"}})",
       "'requestContext.routeKey'"},
      {R"({"requestContext":{"serviceNetworkArn":"a"},"path":"/"})", "'method'"},
      {R"({"method":"GET","path":"/","headers":{"a":[{}]}})", "'headers.a'"},
      // to an authorizer
      {R"({"type":"TOKEN","methodArn":"a","authorizationToken":"t"})", "authorizer"},
      {R"({"type":"REQUEST","methodArn":"a","httpMethod":"GET","path":"/"})", "authorizer"},
      {R"({"version":"2.0","type":"REQUEST","routeArn":"a","rawPath":"/",)"
       R"("requestContext":{"http":{"method":"GET"}}})",
       "authorizer"},
  };
}

std::vector<BadEvent> all_bad_events() {
  std::vector<BadEvent> all;
  for (auto* some : {unknown_events, rest_events, http_api_events, other_events}) {
    for (BadEvent& event : some()) all.push_back(std::move(event));
  }
  return all;
}

}  // namespace

TEST_SUITE("bad events") {
  TEST_CASE("the error in an event is named and logged once, and the next event is served") {
    for (const std::string& strategy : strategies_under_test()) {
      const Scratch scratch;
      Runtime runtime(runtime_options(scratch, {}, strategy));
      for (const BadEvent& bad : all_bad_events()) {
        INFO(strategy << ": " << bad.event);
        const std::size_t printed = runtime.output().size();
        const auto result = runtime.invoke(bad.event);
        CHECK(result.ending == emulator::Ending::kFailed);
        const Json error(result.body);
        CHECK(error.text("errorType") == "Runtime.InvalidEvent");
        const std::string message = error.text("errorMessage");
        CHECK_MESSAGE(message.find(bad.named) != std::string::npos, message);
        CHECK(count(runtime.output_when_idle().substr(printed), message) == 1);
      }
      const auto next = runtime.invoke(std::string(kGood));
      REQUIRE_MESSAGE(next.answered(), next.body);
      CHECK(Json(Json(next.body).text("body")).raw("boot handler") == "[]");
    }
  }

  TEST_CASE("PHP's warning about the input is logged once, and no user handler gets it") {
    std::string query = "a=1";
    for (int i = 0; i < 1100; ++i) query.append("&p").append(std::to_string(i)).append("=1");
    std::string event(kGood);
    const std::string empty = R"("rawQueryString":"")";
    event.replace(event.find(empty), empty.size(), R"("rawQueryString":")" + query + "\"");
    for (const std::string& strategy : strategies_under_test()) {
      const Scratch scratch;
      Runtime runtime(runtime_options(scratch, {}, strategy));
      for (std::size_t request = 1; request <= 2; ++request) {
        const auto result = runtime.invoke(event);
        REQUIRE_MESSAGE(result.answered(), result.body);
        CHECK(Json(Json(result.body).text("body")).raw("boot handler") == "[]");
        const std::string output = runtime.output_when_idle();
        CHECK_MESSAGE(count(output, "Input variables exceeded 1000") == request, output);
      }
    }
  }
}
