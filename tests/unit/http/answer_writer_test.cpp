// SPDX-License-Identifier: MIT
#include "runtime/http/answer_writer.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/http/message.h"

namespace phork::http {
namespace {

using namespace std::string_view_literals;

constexpr EventShape kAllShapes[] = {
    EventShape::kApiGatewayV1,  EventShape::kApiGatewayV2, EventShape::kAlb,
    EventShape::kAlbMultiValue, EventShape::kWebSocket,    EventShape::kVpcLatticeV2,
};

Response html(std::string_view body) {
  return {200, {{"Content-Type", "text/html; charset=UTF-8"}}, body};
}

// The part of an answer about its body: everything from `isBase64Encoded` on.
std::string body_part(const Response& response, EventShape shape = EventShape::kApiGatewayV2) {
  const std::string answer = write_answer(response, shape);
  return answer.substr(answer.find("\"isBase64Encoded\""));
}

std::string as_text(std::string_view json) {
  return R"("isBase64Encoded":false,"body":")" + std::string(json) + "\"}";
}

std::string as_base64(std::string_view text) {
  return R"("isBase64Encoded":true,"body":")" + std::string(text) + "\"}";
}

TEST_SUITE("answer writer") {
  TEST_CASE("each shape gets the members it knows") {
    Response response = html("hi");
    response.headers.push_back({"X-A", "1"});
    response.headers.push_back({"Set-Cookie", "a=1; Path=/"});
    response.headers.push_back({"x-a", "2"});
    response.headers.push_back({"set-cookie", "b=2"});
    const std::string type = R"("Content-Type":"text/html; charset=UTF-8")";
    const std::string end = "," + as_text("hi");
    const std::string v1 = R"({"statusCode":200,"headers":{)" + type +
                           R"(},"multiValueHeaders":{"X-A":["1","2"],)"
                           R"("Set-Cookie":["a=1; Path=/","b=2"]})" +
                           end;
    const std::string single = R"("headers":{)" + type + R"(,"X-A":"1, 2","Set-Cookie":"b=2"})";
    CHECK(write_answer(response, EventShape::kApiGatewayV1) == v1);
    CHECK(write_answer(response, EventShape::kWebSocket) == v1);
    CHECK(write_answer(response, EventShape::kApiGatewayV2) ==
          R"({"statusCode":200,"headers":{)" + type +
              R"(,"X-A":"1, 2"},"cookies":["a=1; Path=/","b=2"])" + end);
    CHECK(write_answer(response, EventShape::kAlb) ==
          R"({"statusCode":200,"statusDescription":"200 OK",)" + single + end);
    CHECK(write_answer(response, EventShape::kVpcLatticeV2) ==
          R"({"statusCode":200,"statusDescription":"200 OK",)" + single + end);
    CHECK(write_answer(response, EventShape::kAlbMultiValue) ==
          R"({"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{)"
          R"("Content-Type":["text/html; charset=UTF-8"],"X-A":["1","2"],)"
          R"("Set-Cookie":["a=1; Path=/","b=2"]})" +
              end);
  }

  TEST_CASE("without headers, the map is an empty object and not an empty list") {
    CHECK(write_answer({200, {}, ""}, EventShape::kApiGatewayV1) ==
          R"({"statusCode":200,"headers":{},)" + as_text(""));
    CHECK(write_answer({200, {}, ""}, EventShape::kApiGatewayV2) ==
          R"({"statusCode":200,"headers":{},)" + as_text(""));
    CHECK(write_answer({200, {}, ""}, EventShape::kAlbMultiValue) ==
          R"({"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{},)" +
              as_text(""));
  }

  TEST_CASE("a single cookie is written as a cookie, too") {
    const Response response{200, {{"SET-COOKIE", "a=1"}}, ""};
    CHECK(write_answer(response, EventShape::kApiGatewayV2) ==
          R"({"statusCode":200,"headers":{},"cookies":["a=1"],)" + as_text(""));
    CHECK(write_answer(response, EventShape::kApiGatewayV1) ==
          R"({"statusCode":200,"headers":{},"multiValueHeaders":{"SET-COOKIE":["a=1"]},)" +
              as_text(""));
  }

  TEST_CASE("repeated headers that cannot be joined keep the last value where only one fits") {
    const Response response{302, {{"Location", "/a"}, {"location", "/b"}}, ""};
    for (const EventShape shape :
         {EventShape::kApiGatewayV2, EventShape::kAlb, EventShape::kVpcLatticeV2}) {
      CHECK(write_answer(response, shape).find(R"("headers":{"Location":"/b"})") !=
            std::string::npos);
    }
    CHECK(write_answer(response, EventShape::kApiGatewayV1).find(R"("Location":["/a","/b"])") !=
          std::string::npos);
  }

  TEST_CASE("a header that could forge another is dropped, the others are kept") {
    const std::vector<event::NameValue> forgeries = {
        {"X-Bad", "a\r\nSet-Cookie: admin=1"},
        {"X-Bad", "a\nb"},
        {"X-Bad", "a\rb"},
        {"X-Bad", std::string("a\0b"sv)},
        {"X-Bad\r\nY", "a"},
        {"X Bad", "a"},
        {"X-Bad:", "a"},
        {"", "a"},
        {"X-B\xC3\xA4", "a"},
        {std::string("X\0"sv), "a"},
        {"X-Bad(1)", "a"},
    };
    for (const event::NameValue& forgery : forgeries) {
      for (const EventShape shape : kAllShapes) {
        const Response with{200, {{"X-Good", "1"}, forgery, {"X-Better", "2"}}, ""};
        const Response without{200, {{"X-Good", "1"}, {"X-Better", "2"}}, ""};
        CHECK(write_answer(with, shape) == write_answer(without, shape));
      }
    }
  }

  TEST_CASE("a header value that is not UTF-8 does not break the answer") {
    CHECK(write_answer({200, {{"X-A", "caf\xE9 \t\"q\""}}, ""}, EventShape::kApiGatewayV2) ==
          "{\"statusCode\":200,\"headers\":{\"X-A\":\"caf\xEF\xBF\xBD \\t\\\"q\\\"\"}," +
              as_text(""));
  }

  TEST_CASE("textual types are text") {
    for (const std::string_view type :
         {"", "text/html", "text/plain; charset=utf-8", "TEXT/CSS", "application/json",
          "application/json;charset=utf-8", " application/xml ", "application/javascript",
          "application/x-www-form-urlencoded", "application/problem+json", "image/svg+xml",
          "application/vnd.api+json; ext=x"}) {
      CAPTURE(type);
      CHECK(body_part({200, {{"content-type", std::string(type)}}, "a"}) == as_text("a"));
    }
    CHECK(body_part({200, {}, "a"}) == as_text("a"));
  }

  TEST_CASE("all other types are base64") {
    for (const std::string_view type :
         {"image/png", "application/pdf", "application/octet-stream", "application/zip",
          "multipart/form-data; boundary=x", "application/jsonx", "nonsense", "font/woff2"}) {
      CAPTURE(type);
      CHECK(body_part({200, {{"Content-Type", std::string(type)}}, "a"}) == as_base64("YQ=="));
    }
  }

  TEST_CASE("a body with a content encoding is base64, whatever its type") {
    Response response = html("a");
    response.headers.push_back({"Content-Encoding", "gzip"});
    CHECK(body_part(response) == as_base64("YQ=="));
    response.headers.back().value = "Identity";
    CHECK(body_part(response) == as_text("a"));
  }

  TEST_CASE("text that is not UTF-8 is base64, so that its bytes survive") {
    CHECK(body_part(html("caf\xE9")) == as_base64("Y2Fm6Q=="));
    CHECK(body_part(html("\xED\xA0\x80")) == as_base64("7aCA"));
    CHECK(body_part(html("\xC0\xAF")) == as_base64("wK8="));
    CHECK(body_part(html("\xF4\x90\x80\x80")) == as_base64("9JCAgA=="));
    CHECK(body_part(html("\xE2\x82")) == as_base64("4oI="));
  }

  TEST_CASE("UTF-8 text is text at the edges of its ranges") {
    for (const std::string_view text :
         {"\xC2\x80"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv,
          "\xF4\x8F\xBF\xBF"sv, "\xEF\xBB\xBFwith BOM"sv}) {
      CHECK(body_part(html(text)) == as_text(text));
    }
    CHECK(body_part(html("\0\x01\x7F"sv)) == as_text("\\u0000\\u0001\x7F"));
  }

  TEST_CASE("an empty body is not encoded") {
    CHECK(body_part({200, {{"Content-Type", "image/png"}}, ""}) == as_text(""));
  }

  TEST_CASE("statuses that have no body get none") {
    for (const std::uint16_t status :
         {std::uint16_t{204}, std::uint16_t{304}, std::uint16_t{103}}) {
      for (const EventShape shape : kAllShapes) {
        Response response = html("ignored");
        response.status = status;
        CHECK(body_part(response, shape) == as_text(""));
      }
    }
  }

  TEST_CASE("204 has no length either, 304 keeps the length of the resource") {
    const std::vector<event::NameValue> headers = {{"Content-Length", "7"}};
    CHECK(write_answer({204, headers, ""}, EventShape::kApiGatewayV2).find("Length") ==
          std::string::npos);
    CHECK(write_answer({304, headers, ""}, EventShape::kApiGatewayV2).find("Length") !=
          std::string::npos);
  }

  TEST_CASE("ALB gets the status text where one is known") {
    const auto answer = [](std::uint16_t status) {
      return write_answer({status, {}, ""}, EventShape::kAlb);
    };
    CHECK(answer(404).find(R"("statusCode":404,"statusDescription":"404 Not Found")") == 1);
    CHECK(answer(504).find(R"("statusDescription":"504 Gateway Timeout")") != std::string::npos);
    CHECK(answer(299).find("statusDescription") == std::string::npos);
    CHECK(reason_phrase(418) == "I'm a teapot");
    CHECK(reason_phrase(0).empty());
  }

  TEST_CASE("a large body is escaped or encoded completely") {
    std::string body;
    std::string escaped;
    for (int i = 0; i < 100'000; ++i) {
      body += "<p class=\"é\">\n";
      escaped += "<p class=\\\"é\\\">\\n";
    }
    CHECK(body_part(html(body)) == as_text(escaped));
    body.assign(3'000'001, '\xFF');
    const std::string answer = body_part(html(body));
    CHECK(answer.size() == as_base64("").size() + 4'000'004);
    CHECK(answer.substr(answer.size() - 10) == "/////w==\"}");
  }
}

}  // namespace
}  // namespace phork::http
