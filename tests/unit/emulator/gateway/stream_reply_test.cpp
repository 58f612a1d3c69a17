// SPDX-License-Identifier: MIT
#include "emulator/gateway/stream_reply.h"

#include <doctest/doctest.h>

using namespace phork::emulator;
using phork::event::NameValue;

namespace {

const std::string kNuls(8, '\0');

struct Outcome {
  std::optional<HttpReply> head;
  std::string body;
  std::string error;
};

Outcome read_parts(const std::vector<std::string>& parts) {
  StreamPrelude prelude;
  Outcome outcome;
  for (const std::string& part : parts) {
    if (outcome.head) {
      outcome.body += part;
      continue;
    }
    std::string_view bytes = part;
    auto head = prelude.read(bytes);
    if (!head) {
      outcome.error = head.error().text;
      return outcome;
    }
    outcome.head = std::move(head).value();
    outcome.body += bytes;
  }
  return outcome;
}

std::string error_of(const std::string& bytes) {
  return read_parts({bytes}).error;
}

}  // namespace

TEST_CASE("a prelude is read from parts of any size, and the rest is body") {
  const std::string json = R"({"statusCode":201,"headers":{"X-A":"1","Content-Length":"9","n":7},)"
                           R"("cookies":["a=1","b"]})";
  const std::string bytes = json + kNuls + std::string(3, '\0') + "body";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    const Outcome outcome = read_parts({bytes.substr(0, cut), bytes.substr(cut)});
    REQUIRE(outcome.head.has_value());
    CHECK(outcome.head->status == 201);
    CHECK(outcome.head->headers ==
          std::vector<NameValue>{{"x-a", "1"},
                                 {"n", "7"},
                                 {"set-cookie", "a=1"},
                                 {"set-cookie", "b"},
                                 {"content-type", "application/octet-stream"}});
    CHECK(outcome.body == std::string(3, '\0') + "body");
  }
  std::vector<std::string> single;
  for (const char byte : bytes) single.emplace_back(1, byte);
  CHECK(read_parts(single).body == std::string(3, '\0') + "body");
}

TEST_CASE("an incomplete prelude waits for more") {
  const std::string bytes = R"({"statusCode":200})" + kNuls;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CAPTURE(length);
    const Outcome outcome = read_parts({bytes.substr(0, length)});
    CHECK_FALSE(outcome.head.has_value());
    CHECK(outcome.error.empty());
    CHECK(outcome.body.empty());
  }
}

TEST_CASE("headers in both maps are sent once, and a status is 200 by default") {
  const Outcome outcome = read_parts(
      {R"({"headers":{"a":"1","Content-Type":"text/html"},"multiValueHeaders":{"A":["1","2"]}})" +
       kNuls});
  REQUIRE(outcome.head.has_value());
  CHECK(outcome.head->status == 200);
  CHECK(outcome.head->headers ==
        std::vector<NameValue>{{"a", "1"}, {"content-type", "text/html"}, {"a", "2"}});
}

TEST_CASE("a wrong prelude is refused, and the error says what was expected") {
  CHECK(error_of("<html>" + kNuls) == "http: read stream prelude: expected a JSON object");
  CHECK(error_of("[]" + kNuls).ends_with("expected a JSON object"));
  CHECK(error_of(kNuls).ends_with("expected a JSON object"));
  CHECK(error_of(R"({"statusCode":101})" + kNuls).ends_with("a statusCode from 200 to 599"));
  CHECK(error_of(R"({"statusCode":"200"})" + kNuls).ends_with("a statusCode from 200 to 599"));
  CHECK(error_of(R"({"headers":[]})" + kNuls).find("headers to be") != std::string::npos);
  CHECK(error_of(R"({"headers":{"a":"1\r\nb: 2"}})" + kNuls).find("headers to be") !=
        std::string::npos);
  CHECK(error_of(R"({"multiValueHeaders":{"a":"1"}})" + kNuls).find("multiValueHeaders to be") !=
        std::string::npos);
  CHECK(error_of(R"({"cookies":"a"})" + kNuls).find("cookies to be") != std::string::npos);
  for (std::size_t nuls = 1; nuls < 8; ++nuls) {
    CAPTURE(nuls);
    CHECK(error_of("{}" + std::string(nuls, '\0') + "body")
              .ends_with("eight NUL bytes behind the JSON"));
  }
}

TEST_CASE("a prelude that does not end is refused at its limit") {
  StreamPrelude prelude;
  const std::string spaces(kMaxPreludeBytes, ' ');
  std::string_view bytes = spaces;
  CHECK(prelude.read(bytes).ok());
  bytes = " ";
  const auto refused = prelude.read(bytes);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().text.ends_with("at most 1 MiB before its eight NUL bytes"));
}

TEST_CASE("only one content type announces a prelude") {
  CHECK(has_prelude("application/vnd.awslambda.http-integration-response"));
  CHECK(has_prelude("Application/vnd.AWSlambda.http-integration-response; charset=x"));
  CHECK_FALSE(has_prelude("application/json"));
  CHECK_FALSE(has_prelude(""));
}
