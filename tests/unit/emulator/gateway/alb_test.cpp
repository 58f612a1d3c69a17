// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "emulator/gateway/target_group.h"
#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using event::NameValue;

TEST_SUITE("payload alb") {
  TEST_CASE("a request becomes exactly the event of a target group with single values") {
    CHECK(make_alb_event(request("GET", "/a%20b?q=%2F&q=x+y&a%5B%5D=1",
                                 {{"host", "lb"}, {"x-a", "1"}, {"x-a", "2"}}),
                         kGateway) ==
          R"({"requestContext":{"elb":{"targetGroupArn":)"
          R"("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/phork/0"}},)"
          R"("httpMethod":"GET","path":"/a%20b",)"
          R"("queryStringParameters":{"q":"x+y","a%5B%5D":"1"},)"
          R"("headers":{"host":"lb","x-a":"2","x-forwarded-for":"127.0.0.1",)"
          R"("x-forwarded-port":"8000","x-forwarded-proto":"http",)"
          R"("x-amzn-trace-id":"Root=1-a-b"},"body":"","isBase64Encoded":false})");
  }

  TEST_CASE("a request becomes exactly the event of a target group with lists") {
    HttpRequest from = request("POST", "/?q=%2F&q=x+y",
                               {{"x-a", "1"}, {"x-a", "2"}, {"content-type", "text/plain"}}, "hi");
    from.sent_names = {"X-A", "X-A", "Content-Type"};
    CHECK(make_alb_multi_event(from, kGateway) ==
          R"({"requestContext":{"elb":{"targetGroupArn":)"
          R"("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/phork/0"}},)"
          R"("httpMethod":"POST","path":"/",)"
          R"("multiValueQueryStringParameters":{"q":["%2F","x+y"]},)"
          R"("multiValueHeaders":{"x-a":["1","2"],"content-type":["text/plain"],)"
          R"("x-forwarded-for":["127.0.0.1"],"x-forwarded-port":["8000"],)"
          R"("x-forwarded-proto":["http"],"x-amzn-trace-id":["Root=1-a-b"]},)"
          R"("body":"hi","isBase64Encoded":false})");
  }

  TEST_CASE("empty maps are present, not absent") {
    CHECK(
        contains(make_alb_event(request("GET", "/"), kGateway), R"("queryStringParameters":{},)"));
    CHECK(contains(make_alb_multi_event(request("GET", "/"), kGateway),
                   R"("multiValueQueryStringParameters":{},)"));
  }

  TEST_CASE("only the types that a load balancer treats as text are sent as text") {
    const auto body_of = [](const std::string& type, const std::string& encoding = {}) {
      std::vector<NameValue> headers = {{"content-type", type}};
      if (!encoding.empty()) headers.push_back({"content-encoding", encoding});
      return make_alb_event(request("POST", "/", headers, "hi"), kGateway);
    };
    const std::string text = R"("body":"hi","isBase64Encoded":false)";
    const std::string base64 = R"("body":"aGk=","isBase64Encoded":true)";
    for (const char* type : {"text/html; charset=utf-8", "application/json", "Application/XML",
                             "application/javascript"}) {
      CAPTURE(type);
      CHECK(contains(body_of(type), text));
      CHECK(contains(body_of(type, "gzip"), base64));
    }
    for (const char* type : {"application/x-www-form-urlencoded", "application/ld+json", ""}) {
      CAPTURE(type);
      CHECK(contains(body_of(type), base64));
    }
  }

  TEST_CASE("each mode reads its own map of headers and ignores the other") {
    const EventResult both =
        answered(R"({"statusCode":200,"statusDescription":"200 Fine","headers":{"X-A":"1"},)"
                 R"("multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"x"})");
    CHECK(make_alb_reply(both).headers == std::vector<NameValue>{{"x-a", "1"}});
    CHECK(make_alb_multi_reply(both).headers ==
          std::vector<NameValue>{{"set-cookie", "a=1"}, {"set-cookie", "b=2"}});
    CHECK(make_alb_reply(both).body == "x");
    CHECK(make_alb_reply(both).reason == "Fine");
  }

  TEST_CASE("without a description the registered reason phrase is sent") {
    for (const char* body :
         {R"({"statusCode":200})", R"({"statusCode":200,"statusDescription":"200"})",
          R"({"statusCode":200,"statusDescription":7})"}) {
      CHECK(make_alb_reply(answered(body)).status == 200);
      CHECK(make_alb_reply(answered(body)).reason.empty());
    }
  }

  TEST_CASE("an answer in a wrong form becomes the load balancer's error page") {
    for (const char* body :
         {"", "[1]", "{}", R"({"body":"x"})", R"({"statusCode":"200"})", R"({"statusCode":600})",
          R"({"statusCode":200,"body":1})", R"({"statusCode":200,"headers":{"a":[]}})",
          R"({"statusCode":200,"body":"!","isBase64Encoded":true})"}) {
      CAPTURE(body);
      const HttpReply reply = make_alb_reply(answered(body));
      CHECK(reply.status == 502);
      CHECK(contains(reply.body, "<h1>502 Bad Gateway</h1>"));
    }
    CHECK(make_alb_multi_reply(answered(R"({"statusCode":200,"multiValueHeaders":{"a":"1"}})"))
              .status == 502);
    EventResult failed = answered(R"({"statusCode":200})");
    failed.ending = Ending::kExited;
    CHECK(make_alb_reply(failed).status == 502);
  }
}

}  // namespace
}  // namespace phork::emulator
