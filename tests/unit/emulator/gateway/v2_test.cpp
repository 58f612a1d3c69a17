// SPDX-License-Identifier: MIT
#include "emulator/gateway/v2.h"

#include <doctest/doctest.h>

#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using event::NameValue;

std::string event_of(const HttpRequest& from) {
  return make_v2_event(from, kGateway);
}

HttpReply reply_to(const std::string& body) {
  return make_v2_reply(answered(body));
}

TEST_SUITE("payload v2") {
  TEST_CASE("a plain request becomes exactly the event of payload format 2.0") {
    CHECK(event_of(request("GET", "/a", {{"host", "x.example:8000"}, {"user-agent", "ua"}})) ==
          R"({"version":"2.0","routeKey":"$default","rawPath":"/a","rawQueryString":"",)"
          R"("headers":{"host":"x.example:8000","user-agent":"ua","x-forwarded-for":"127.0.0.1",)"
          R"("x-forwarded-port":"8000","x-forwarded-proto":"http",)"
          R"("x-amzn-trace-id":"Root=1-a-b"},)"
          R"("requestContext":{"accountId":"123456789012","apiId":"phork",)"
          R"("domainName":"x.example","domainPrefix":"x",)"
          R"("http":{"method":"GET","path":"/a","protocol":"HTTP/1.1","sourceIp":"127.0.0.1",)"
          R"("userAgent":"ua"},"requestId":"req-1","routeKey":"$default","stage":"$default",)"
          R"("time":"04/Mar/2020:19:03:58 +0000","timeEpoch":1583348638390},)"
          R"("isBase64Encoded":false})");
  }

  TEST_CASE("each part of a request has its place in the event") {
    struct Case {
      HttpRequest from;
      std::string part;
    };

    const std::vector<Case> cases = {
        {request("GET", "/a%20b%2Fc"), R"("rawPath":"/a b/c")"},
        {request("GET", "/caf%C3%A9"), "\"rawPath\":\"/caf\xC3\xA9\""},
        {request("GET", "/%"), R"("rawPath":"/%")"},
        {request("GET", "/a+b"), R"("rawPath":"/a+b")"},
        {request("GET", "//x/"), R"("rawPath":"//x/")"},
        {request("GET", "/?a=%20b&c"), R"("rawQueryString":"a=%20b&c")"},
        {request("GET", "/?a=%20b&c"), R"("queryStringParameters":{"a":" b","c":""})"},
        {request("GET", "/?a=1&b=2&a=3"), R"("queryStringParameters":{"a":"1,3","b":"2"})"},
        {request("GET", "/?a[]=1&a%5B%5D=2"), R"("queryStringParameters":{"a[]":"1,2"})"},
        {request("GET", "/?x=1?y=2"), R"("queryStringParameters":{"x":"1?y=2"})"},
        {request("GET", "/?q=a+b"), R"("queryStringParameters":{"q":"a b"})"},
        {request("GET", "/?&&a=b=c"), R"("queryStringParameters":{"a":"b=c"})"},
        {request("GET", "/", {{"cookie", "a=1; b=%3B"}, {"cookie", "c=3"}}),
         R"("cookies":["a=1","b=%3B","c=3"],"headers":{"x-forwarded-for")"},
        {request("GET", "/", {{"x-a", "1"}, {"x-b", "2"}, {"x-a", "3"}}),
         R"("headers":{"x-a":"1,3","x-b":"2",)"},
        {request("GET", "/", {{"x-forwarded-for", "10.0.0.1"}}),
         R"("x-forwarded-for":"10.0.0.1, 127.0.0.1")"},
        {request("GET", "/", {{"x-forwarded-proto", "https"}}), R"("x-forwarded-proto":"https")"},
        {request("POST", "/", {{"content-type", "application/json; charset=utf-8"}}, "{\"a\":1}"),
         R"("body":"{\"a\":1}","isBase64Encoded":false)"},
        {request("POST", "/", {{"content-type", "application/vnd.api+json"}}, "{}"),
         R"("body":"{}","isBase64Encoded":false)"},
        {request("POST", "/", {{"content-type", "Text/Plain"}}, "hi"), R"("body":"hi")"},
        {request("POST", "/", {{"content-type", "text/plain"}}, "\xff"),
         R"("body":"/w==","isBase64Encoded":true)"},
        {request("POST", "/", {{"content-type", "text/plain"}, {"content-encoding", "gzip"}}, "hi"),
         R"("body":"aGk=","isBase64Encoded":true)"},
        {request("POST", "/", {{"content-type", "application/x-www-form-urlencoded"}}, "a=1"),
         R"("body":"YT0x","isBase64Encoded":true)"},
        {request("POST", "/", {{"content-type", "multipart/form-data; boundary=x"}}, "--x--"),
         R"("body":"LS14LS0=","isBase64Encoded":true)"},
        {request("POST", "/", {}, "x"), R"("body":"eA==","isBase64Encoded":true)"},
        {request("DELETE", "/x"), R"("method":"DELETE")"},
    };
    for (const Case& each : cases) {
      const std::string event = event_of(each.from);
      CAPTURE(event);
      CHECK(contains(event, each.part));
    }
  }

  TEST_CASE("absent parts of a request are left out of the event") {
    const std::string event =
        event_of(request("GET", "/", {{"connection", "keep-alive"}, {"transfer-encoding", "x"}}));
    for (const char* absent : {"cookies", "queryStringParameters", "\"body\"", "keep-alive",
                               "transfer-encoding", "pathParameters", "stageVariables", "null"}) {
      CAPTURE(absent);
      CHECK_FALSE(contains(event, absent));
    }
  }

  TEST_CASE("an answer with a status becomes a response") {
    const HttpReply reply =
        reply_to(R"({"statusCode":201,"headers":{"Content-Type":"text/html","X-N":5,"X-B":true,)"
                 R"("Connection":"close","Content-Length":"99"},"cookies":["a=1; Path=/","b=2"],)"
                 R"("body":"<p>"})");
    CHECK(reply.status == 201);
    CHECK(reply.headers == std::vector<NameValue>{{"content-type", "text/html"},
                                                  {"x-n", "5"},
                                                  {"x-b", "true"},
                                                  {"set-cookie", "a=1; Path=/"},
                                                  {"set-cookie", "b=2"}});
    CHECK(reply.body == "<p>");
  }

  TEST_CASE("JSON without a status is itself the body") {
    for (const char* body :
         {R"({"a":1})", R"({"body":"x"})", "[1,2]", "\"text\"", "12", "null", "true"}) {
      CAPTURE(body);
      const HttpReply reply = reply_to(body);
      CHECK(reply.status == 200);
      CHECK(reply.headers == std::vector<NameValue>{{"content-type", "application/json"}});
      CHECK(reply.body == body);
    }
  }

  TEST_CASE("answers with few fields are read") {
    CHECK(reply_to(R"({"statusCode":204})").status == 204);
    CHECK(reply_to(R"({"statusCode":200})").headers ==
          std::vector<NameValue>{{"content-type", "application/json"}});
    CHECK(reply_to(R"({"statusCode":200,"headers":null,"cookies":null,"body":null})").body.empty());
    CHECK(reply_to(R"({"statusCode":200,"body":"AP8=","isBase64Encoded":true})").body ==
          std::string("\0\xff", 2));
    CHECK(reply_to(R"({"statusCode":200,"body":"AP8=","isBase64Encoded":false})").body == "AP8=");
  }

  TEST_CASE("an answer in a wrong form becomes the gateway's own error") {
    for (const char* body :
         {"", "not json", "{\"statusCode\":200", R"({"statusCode":"200"})", R"({"statusCode":99})",
          R"({"statusCode":600})", R"({"statusCode":101})", R"({"statusCode":200.5})",
          R"({"statusCode":null})", R"({"statusCode":200,"headers":[]})",
          R"({"statusCode":200,"headers":{"a":[1]}})",
          R"({"statusCode":200,"headers":{"a":"b\r\nc: d"}})",
          R"({"statusCode":200,"headers":{"a b":"c"}})", R"({"statusCode":200,"cookies":"a=1"})",
          R"({"statusCode":200,"cookies":[1]})", R"({"statusCode":200,"body":{}})",
          R"({"statusCode":200,"body":"!","isBase64Encoded":true})"}) {
      CAPTURE(body);
      const HttpReply reply = reply_to(body);
      CHECK(reply.status == 500);
      CHECK(reply.body == R"({"message":"Internal Server Error"})");
    }
  }

  TEST_CASE("an error of the function is never shown to the client") {
    EventResult result = answered(R"({"errorType":"X","errorMessage":"secret"})");
    for (const Ending ending : {Ending::kFailed, Ending::kTimedOut, Ending::kExited}) {
      result.ending = ending;
      CHECK(make_v2_reply(result).status == 500);
      CHECK(make_v2_reply(result).body == R"({"message":"Internal Server Error"})");
      CHECK(make_url_reply(result).status == 502);
      CHECK(make_url_reply(result).body == "Internal Server Error");
    }
  }

  TEST_CASE("a function URL has no account and keeps the path as it was sent") {
    const std::string event = make_url_event(request("GET", "/a%20b%2Fc?x=%20"), kGateway);
    CHECK(contains(event, R"("accountId":"anonymous")"));
    CHECK(contains(event, R"("rawPath":"/a%20b%2Fc","rawQueryString":"x=%20")"));
    CHECK(contains(event, R"("method":"GET","path":"/a%20b%2Fc")"));
    CHECK(contains(event, R"("queryStringParameters":{"x":" "})"));
  }

  TEST_CASE("a function URL reads answers like the HTTP API") {
    CHECK(make_url_reply(answered("[1]")).body == "[1]");
    CHECK(make_url_reply(answered(R"({"statusCode":201,"cookies":["a=1"]})")).headers ==
          std::vector<NameValue>{{"set-cookie", "a=1"}, {"content-type", "application/json"}});
    CHECK(make_url_reply(answered(R"({"statusCode":"200"})")).status == 502);
  }

  TEST_CASE("the domain is the host without its port") {
    const auto domain = [](const std::string& host) {
      return event_of(request("GET", "/", {{"host", host}}));
    };
    CHECK(contains(domain("x.example"), R"("domainName":"x.example","domainPrefix":"x")"));
    CHECK(contains(domain("[::1]:8000"), R"("domainName":"[::1]")"));
    CHECK(contains(domain("[::1]"), R"("domainName":"[::1]")"));
    CHECK(contains(domain(""), R"("domainName":"127.0.0.1")"));
  }
}

}  // namespace
}  // namespace phork::emulator
