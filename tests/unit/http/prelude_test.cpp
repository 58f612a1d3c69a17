// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "runtime/http/answer_writer.h"

namespace phork::http {
namespace {

Response shop() {
  return {200,
          {{"Content-Type", "text/html"},
           {"X-A", "1"},
           {"Set-Cookie", "a=1; Path=/"},
           {"x-a", "2"},
           {"set-cookie", "b=2"}},
          "not of the prelude"};
}

TEST_SUITE("prelude") {
  TEST_CASE("REST APIs get lists of values, all others the form for function URLs") {
    const std::string lists = R"({"statusCode":200,"headers":{"Content-Type":"text/html"},)"
                              R"("multiValueHeaders":{"X-A":["1","2"],)"
                              R"("Set-Cookie":["a=1; Path=/","b=2"]}})";
    const std::string cookies =
        R"({"statusCode":200,"headers":{"Content-Type":"text/html","X-A":"1, 2"},)"
        R"("cookies":["a=1; Path=/","b=2"]})";
    CHECK(write_prelude(shop(), EventShape::kApiGatewayV1) == lists);
    CHECK(write_prelude(shop(), EventShape::kWebSocket) == lists);
    for (const EventShape shape : {EventShape::kApiGatewayV2, EventShape::kAlb,
                                   EventShape::kAlbMultiValue, EventShape::kVpcLatticeV2}) {
      CAPTURE(static_cast<int>(shape));
      CHECK(write_prelude(shop(), shape) == cookies);
    }
  }

  TEST_CASE("a response without headers has an empty map") {
    CHECK(write_prelude({404, {}, ""}, EventShape::kApiGatewayV2) ==
          R"({"statusCode":404,"headers":{}})");
    CHECK(write_prelude({404, {}, ""}, EventShape::kApiGatewayV1) ==
          R"({"statusCode":404,"headers":{}})");
  }

  TEST_CASE("headers that could forge others are dropped, as in an answer") {
    const Response response{
        200, {{"X-A", "1\r\nX-B: 2"}, {"X C", "3"}, {"", "4"}, {"X-D", "5"}}, ""};
    CHECK(write_prelude(response, EventShape::kApiGatewayV2) ==
          R"({"statusCode":200,"headers":{"X-D":"5"}})");
  }

  TEST_CASE("no header text can end the JSON before the separator") {
    const Response response{200, {{"X-A", "\"}\\"}, {"X-B", std::string("\0", 1)}}, ""};
    CHECK(write_prelude(response, EventShape::kApiGatewayV2) ==
          R"({"statusCode":200,"headers":{"X-A":"\"}\\"}})");
  }

  TEST_CASE("204 has no length, 304 keeps the length of the resource") {
    const std::vector<event::NameValue> headers{{"Content-Length", "5"}};
    CHECK(write_prelude({204, headers, ""}, EventShape::kApiGatewayV2) ==
          R"({"statusCode":204,"headers":{}})");
    CHECK(write_prelude({304, headers, ""}, EventShape::kApiGatewayV2) ==
          R"({"statusCode":304,"headers":{"Content-Length":"5"}})");
  }

  TEST_CASE("informational statuses, 204 and 304 have no body, all others have one") {
    for (const int status : {100, 103, 199, 204, 304}) {
      CAPTURE(status);
      CHECK_FALSE(has_body(static_cast<std::uint16_t>(status)));
    }
    for (const int status : {200, 203, 205, 206, 303, 305, 404, 500, 599}) {
      CAPTURE(status);
      CHECK(has_body(static_cast<std::uint16_t>(status)));
    }
  }
}

}  // namespace
}  // namespace phork::http
