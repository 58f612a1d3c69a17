// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "emulator/gateway/target_group.h"
#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using event::NameValue;

TEST_SUITE("payload lattice") {
  TEST_CASE("a request becomes exactly the event of a Lattice service") {
    CHECK(make_lattice_event(request("PUT", "/a%20b?q=%2F&q=2",
                                     {{"host", "svc"}, {"x-a", "1"}, {"x-a", "2"}}, "\xff"),
                             kGateway) ==
          R"({"version":"2.0","path":"/a%20b","method":"PUT",)"
          R"("headers":{"host":["svc"],"x-a":["1","2"],"x-forwarded-for":["127.0.0.1"],)"
          R"("x-forwarded-port":["8000"],"x-forwarded-proto":["http"],)"
          R"("x-amzn-trace-id":["Root=1-a-b"]},)"
          R"("queryStringParameters":{"q":["%2F","2"]},)"
          R"("body":"/w==","isBase64Encoded":true,)"
          R"("requestContext":{)"
          R"("serviceNetworkArn":)"
          R"("arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/sn-phork",)"
          R"("serviceArn":"arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-phork",)"
          R"("targetGroupArn":"arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-phork",)"
          R"("identity":{"sourceVpcArn":"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-phork"},)"
          R"("region":"us-east-1","timeInMicros":"1583348638390000"}})");
  }

  TEST_CASE("the event of a request without a body has no body") {
    CHECK_FALSE(contains(make_lattice_event(request("GET", "/"), kGateway), "\"body\""));
  }

  TEST_CASE("an answer's single headers are read") {
    const HttpReply reply = make_lattice_reply(
        answered(R"({"statusCode":201,"statusDescription":"201 Created","headers":{"X-A":"1"},)"
                 R"("isBase64Encoded":true,"body":"AP8="})"));
    CHECK(reply.status == 201);
    CHECK(reply.headers == std::vector<NameValue>{{"x-a", "1"}});
    CHECK(reply.body == std::string("\0\xff", 2));
  }

  TEST_CASE("an answer in a wrong form becomes a bad gateway") {
    for (const char* body : {"", "{}", "[]", R"({"statusCode":"200"})",
                             R"({"statusCode":200,"headers":{"a":["1"]}})"}) {
      CAPTURE(body);
      CHECK(make_lattice_reply(answered(body)).status == 502);
    }
  }
}

}  // namespace
}  // namespace phork::emulator
