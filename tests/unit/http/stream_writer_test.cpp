// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/http/answer_writer.h"
#include "tests/support/kept_stream.h"

namespace phork::http {
namespace {

using base::Error;
using base::ErrorKind;
using base::kNoDeadline;
using phork::testing::KeptStream;
using Headers = std::vector<event::NameValue>;
using Writes = std::vector<std::string>;

const char* const kPreludeType = "application/vnd.awslambda.http-integration-response";

std::string separated(const std::string& json) {
  return json + std::string(8, '\0');
}

}  // namespace

TEST_SUITE("stream writer") {
  TEST_CASE("prelude, eight NUL bytes and the first bytes are one write") {
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    const Headers headers{{"Content-Type", "text/html"}, {"Set-Cookie", "a=1"}};
    CHECK(writer.open(201, headers, "first", kNoDeadline).ok());
    CHECK(stream.content_type() == kPreludeType);
    const std::string prelude =
        R"({"statusCode":201,"headers":{"Content-Type":"text/html"},"cookies":["a=1"]})";
    CHECK(stream.writes() == Writes{separated(prelude) + "first"});
    CHECK(writer.write("second", kNoDeadline).ok());
    CHECK(stream.writes().back() == "second");
    CHECK(stream.writes().size() == 2);
  }

  TEST_CASE("a prelude does not wait for the first bytes of the body") {
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    CHECK(writer.open(200, {}, "", kNoDeadline).ok());
    CHECK(stream.writes() == Writes{separated(R"({"statusCode":200,"headers":{}})")});
  }

  TEST_CASE("lists of values go to REST APIs") {
    const Headers headers{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}};
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV1);
    CHECK(writer.open(200, headers, "x", kNoDeadline).ok());
    CHECK(stream.writes() ==
          Writes{separated(R"({"statusCode":200,"headers":{},)"
                           R"("multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}})") +
                 "x"});
  }

  TEST_CASE("the bytes of a body are passed on unchanged") {
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    const std::string bytes("\0\xff{\"\r\n", 6);
    REQUIRE(writer.open(200, {}, bytes, kNoDeadline).ok());
    CHECK(stream.writes().front().ends_with(std::string(8, '\0') + bytes));
    REQUIRE(writer.write(bytes, kNoDeadline).ok());
    CHECK(stream.writes().back() == bytes);
  }

  TEST_CASE("without a status no prelude is written, and the content type is passed on") {
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    const Headers headers{{"X-A", "1"}, {"content-TYPE", "text/event-stream"}};
    CHECK(writer.open(kNoStatus, headers, "one", kNoDeadline).ok());
    CHECK(writer.write("two", kNoDeadline).ok());
    CHECK(stream.content_type() == "text/event-stream");
    CHECK(stream.writes() == Writes{"one", "two"});
  }

  TEST_CASE("bytes of unknown type are sent as application/octet-stream") {
    KeptStream stream;
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    CHECK(writer.open(kNoStatus, {}, "", kNoDeadline).ok());
    CHECK(stream.content_type() == "application/octet-stream");
    CHECK(stream.writes().empty());
  }

  TEST_CASE("statuses without a body drop everything that was printed") {
    for (const std::uint16_t status : {std::uint16_t{204}, std::uint16_t{304}}) {
      CAPTURE(status);
      KeptStream stream;
      StreamWriter writer(stream, EventShape::kApiGatewayV2);
      CHECK(writer.open(status, {}, "printed", kNoDeadline).ok());
      CHECK(writer.write("more", kNoDeadline).ok());
      CHECK(stream.writes() ==
            Writes{separated("{\"statusCode\":" + std::to_string(status) + ",\"headers\":{}}")});
    }
  }

  TEST_CASE("an empty write sends no chunk, because that would end the body") {
    for (const std::uint16_t status : {kNoStatus, std::uint16_t{200}}) {
      KeptStream stream;
      StreamWriter writer(stream, EventShape::kApiGatewayV2);
      REQUIRE(writer.open(status, {}, "x", kNoDeadline).ok());
      CHECK(writer.write("", kNoDeadline).ok());
      CHECK(stream.writes().size() == 1);
    }
  }

  TEST_CASE("after a failed begin nothing is written, and the error is returned") {
    for (const std::uint16_t status : {kNoStatus, std::uint16_t{200}}) {
      KeptStream stream;
      stream.on_begin = [] { return Error{ErrorKind::kDisconnected, "test: gone"}; };
      StreamWriter writer(stream, EventShape::kApiGatewayV2);
      const auto opened = writer.open(status, {}, "x", kNoDeadline);
      REQUIRE_FALSE(opened.ok());
      CHECK(opened.error().kind == ErrorKind::kDisconnected);
      CHECK(stream.writes().empty());
    }
  }

  TEST_CASE("errors of the first write and of later ones are passed on with their kind") {
    for (const std::uint16_t status : {kNoStatus, std::uint16_t{200}}) {
      KeptStream stream;
      stream.on_write = [](base::Deadline) { return Error{ErrorKind::kTimeout, "test: slow"}; };
      StreamWriter writer(stream, EventShape::kApiGatewayV2);
      const auto opened = writer.open(status, {}, "x", kNoDeadline);
      REQUIRE_FALSE(opened.ok());
      CHECK(opened.error().kind == ErrorKind::kTimeout);
      const auto written = writer.write("y", kNoDeadline);
      REQUIRE_FALSE(written.ok());
      CHECK(written.error().text == "test: slow");
    }
  }

  TEST_CASE("each write has the deadline that its caller gave") {
    const base::Deadline first = std::chrono::steady_clock::now();
    const base::Deadline second = first + std::chrono::seconds(1);
    std::vector<base::Deadline> given;
    KeptStream stream;
    stream.on_write = [&given](base::Deadline deadline) {
      given.push_back(deadline);
      return base::ok_status();
    };
    StreamWriter writer(stream, EventShape::kApiGatewayV2);
    REQUIRE(writer.open(200, {}, "x", first).ok());
    REQUIRE(writer.write("y", second).ok());
    CHECK((given == std::vector{first, second}));
  }
}

}  // namespace phork::http
