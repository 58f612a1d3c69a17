// SPDX-License-Identifier: MIT
#include "emulator/gateway/v1.h"

#include <doctest/doctest.h>

#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using event::NameValue;

std::string event_of(const HttpRequest& from) {
  return make_v1_event(from, kGateway);
}

HttpReply reply_to(const std::string& body) {
  return make_v1_reply(answered(body));
}

TEST_SUITE("payload v1") {
  TEST_CASE("a request becomes exactly the event of payload format 1.0") {
    HttpRequest from =
        request("GET", "/a/b?q=1&q=2", {{"host", "x.example:8000"}, {"x-a", "1"}, {"x-a", "2"}});
    from.sent_names = {"Host", "X-A", "x-a"};
    CHECK(event_of(from) ==
          R"({"resource":"/{proxy+}","path":"/a/b","httpMethod":"GET",)"
          R"("headers":{"Host":"x.example:8000","X-A":"2","X-Forwarded-For":"127.0.0.1",)"
          R"("X-Forwarded-Port":"8000","X-Forwarded-Proto":"http",)"
          R"("X-Amzn-Trace-Id":"Root=1-a-b"},)"
          R"("multiValueHeaders":{"Host":["x.example:8000"],"X-A":["1","2"],)"
          R"("X-Forwarded-For":["127.0.0.1"],"X-Forwarded-Port":["8000"],)"
          R"("X-Forwarded-Proto":["http"],"X-Amzn-Trace-Id":["Root=1-a-b"]},)"
          R"("queryStringParameters":{"q":"2"},)"
          R"("multiValueQueryStringParameters":{"q":["1","2"]},)"
          R"("pathParameters":{"proxy":"a/b"},"stageVariables":null,)"
          R"("requestContext":{"accountId":"123456789012","apiId":"phork",)"
          R"("domainName":"x.example","domainPrefix":"x","extendedRequestId":"req-1",)"
          R"("httpMethod":"GET","identity":{"accessKey":null,"accountId":null,"apiKey":null,)"
          R"("apiKeyId":null,"caller":null,"clientCert":null,)"
          R"("cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,)"
          R"("cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,)"
          R"("user":null,"sourceIp":"127.0.0.1","userAgent":"","userArn":null},)"
          R"("path":"/prod/a/b","protocol":"HTTP/1.1","requestId":"req-1",)"
          R"("requestTime":"04/Mar/2020:19:03:58 +0000","requestTimeEpoch":1583348638390,)"
          R"("resourceId":"phork","resourcePath":"/{proxy+}","stage":"prod"},)"
          R"("body":null,"isBase64Encoded":false})");
  }

  TEST_CASE("each part of a request has its place in the event") {
    struct Case {
      HttpRequest from;
      std::string part;
    };

    const std::vector<Case> cases = {
        {request("GET", "/"), R"({"resource":"/","path":"/",)"},
        {request("GET", "/"), R"("pathParameters":null)"},
        {request("GET", "/"), R"("resourcePath":"/")"},
        {request("GET", "/"),
         R"("queryStringParameters":null,"multiValueQueryStringParameters":null)"},
        {request("GET", "/a%2Fb"), R"("path":"/a%2Fb")"},
        {request("GET", "/?a%5B%5D=%2F+x&b"), R"("queryStringParameters":{"a[]":"/ x","b":""})"},
        {request("GET", "/", {{"x-forwarded-for", "10.0.0.1"}}),
         R"("x-forwarded-for":["10.0.0.1, 127.0.0.1"])"},
        {request("GET", "/", {{"cookie", "a=1; b=2"}}), R"("cookie":"a=1; b=2")"},
        {request("GET", "/", {{"user-agent", "ua"}}), R"("userAgent":"ua")"},
        {request("POST", "/", {{"content-type", "application/x-www-form-urlencoded"}}, "a=1"),
         R"("body":"a=1","isBase64Encoded":false)"},
        {request("POST", "/", {{"content-type", "image/png"}}, "\x89PNG"),
         R"("body":"iVBORw==","isBase64Encoded":true)"},
    };
    for (const Case& each : cases) {
      const std::string event = event_of(each.from);
      CAPTURE(event);
      CHECK(contains(event, each.part));
    }
  }

  TEST_CASE("both maps of headers are merged, and a header in both is sent once") {
    const HttpReply reply = reply_to(
        R"({"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"],"X-A":["1"]},)"
        R"("headers":{"x-a":"1","X-B":"2","set-cookie":"c=3","Connection":"close"},"body":"x"})");
    CHECK(reply.headers == std::vector<NameValue>{{"set-cookie", "a=1"},
                                                  {"set-cookie", "b=2"},
                                                  {"x-a", "1"},
                                                  {"x-b", "2"},
                                                  {"set-cookie", "c=3"},
                                                  {"content-type", "application/json"}});
    CHECK(reply.body == "x");
  }

  TEST_CASE("a status may be text, and headers that the gateway sends itself are renamed") {
    const HttpReply reply =
        reply_to(R"({"statusCode":"404","headers":{"Date":"d","WWW-Authenticate":"Basic",)"
                 R"("Content-Type":"text/plain"}})");
    CHECK(reply.status == 404);
    CHECK(reply.headers == std::vector<NameValue>{{"x-amzn-remapped-date", "d"},
                                                  {"x-amzn-remapped-www-authenticate", "Basic"},
                                                  {"content-type", "text/plain"}});
  }

  TEST_CASE("an answer in a wrong form becomes a bad gateway") {
    for (const char* body :
         {"", "null", "[1]", "\"text\"", "{}", R"({"a":1})", R"({"statusCode":99})",
          R"({"statusCode":"2x"})", R"({"statusCode":""})", R"({"statusCode":200,"cookies":[]})",
          R"({"statusCode":200,"statusDescription":"200 OK"})", R"({"statusCode":200,"body":{}})",
          R"({"statusCode":200,"headers":{"a":["1"]}})",
          R"({"statusCode":200,"multiValueHeaders":{"a":"1"}})",
          R"({"statusCode":200,"multiValueHeaders":{"a":[[1]]}})",
          R"({"statusCode":200,"multiValueHeaders":{"a":["b\r\nc: d"]}})",
          R"({"statusCode":200,"body":"!","isBase64Encoded":true})"}) {
      CAPTURE(body);
      const HttpReply reply = reply_to(body);
      CHECK(reply.status == 502);
      CHECK(reply.headers == std::vector<NameValue>{{"content-type", "application/json"}});
      CHECK(reply.body == R"({"message": "Internal server error"})");
    }
    EventResult failed = answered(R"({"statusCode":200})");
    failed.ending = Ending::kFailed;
    CHECK(make_v1_reply(failed).status == 502);
  }
}

}  // namespace
}  // namespace phork::emulator
