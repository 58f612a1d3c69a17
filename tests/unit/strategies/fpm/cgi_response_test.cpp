// SPDX-License-Identifier: MIT
#include "strategies/fpm/cgi_response.h"

#include <doctest/doctest.h>

#include "tests/support/bytes.h"

namespace phork::strategies {
namespace {

using testing::for_each_bit_flip;
using testing::GuardedBytes;
using testing::random_chunks;
using Headers = std::vector<event::NameValue>;

struct Parsed {
  std::uint16_t status = 0;
  Headers headers;
  std::string body;
  std::string error;
};

Parsed parse(const std::vector<std::string_view>& chunks) {
  CgiResponseReader reader;
  Parsed parsed;
  for (const std::string_view chunk : chunks) {
    const GuardedBytes guarded(chunk);
    const auto body = reader.feed(guarded.view());
    if (!body) {
      parsed.error = body.error().text;
      return parsed;
    }
    CHECK(guarded.holds(body.value()));
    parsed.body += body.value();
  }
  if (auto finished = reader.finish(); !finished) parsed.error = finished.error().text;
  parsed.status = reader.status();
  parsed.headers = reader.take_headers();
  return parsed;
}

Parsed parse(std::string_view stream) {
  return parse(std::vector<std::string_view>{stream});
}

// A response as php-fpm writes it.
constexpr std::string_view kSample =
    "Status: 404 Not Found\r\n"
    "X-Powered-By: PHP/8.2.1\r\n"
    "Set-Cookie: a=1; path=/\r\n"
    "Set-Cookie: b=2\r\n"
    "Content-type: text/html; charset=UTF-8\r\n"
    "\r\n"
    "<p>\r\n\r\nA: b\n";

void check_sample(const Parsed& parsed) {
  CHECK(parsed.error.empty());
  CHECK(parsed.status == 404);
  const Headers expected{{"X-Powered-By", "PHP/8.2.1"},
                         {"Set-Cookie", "a=1; path=/"},
                         {"Set-Cookie", "b=2"},
                         {"Content-type", "text/html; charset=UTF-8"}};
  CHECK(parsed.headers == expected);
  CHECK(parsed.body == "<p>\r\n\r\nA: b\n");
}

}  // namespace

TEST_SUITE("cgi response") {
  TEST_CASE("status, headers in order and body are split") {
    check_sample(parse(kSample));
  }

  TEST_CASE("lines may end with LF alone") {
    std::string stream(kSample.substr(0, kSample.find("<p>")));
    std::erase(stream, '\r');
    check_sample(parse(stream + std::string(kSample.substr(kSample.find("<p>")))));
  }

  TEST_CASE("the status is 200 without a Status header, else the last one") {
    CHECK(parse("A: b\n\n").status == 200);
    CHECK(parse("status: 201\nSTATUS: 503 Down\n\n").status == 503);
    CHECK(parse("\n").status == 200);
    CHECK(parse("\r\nbody").body == "body");
  }

  TEST_CASE("blanks around a value are removed; blanks and colons inside it are kept") {
    const Headers expected{{"A", "b c:d"}, {"Empty", ""}};
    CHECK(parse("A: \t b c:d \t\r\nEmpty:\r\n\r\n").headers == expected);
  }

  TEST_CASE("a line without a colon is ignored") {
    CHECK(parse("A: b\nno header\nC: d\n\n").headers == Headers{{"A", "b"}, {"C", "d"}});
  }

  TEST_CASE("values keep bytes above ASCII") {
    CHECK(parse("A: caf\xc3\xa9\n\n").headers == Headers{{"A", "caf\xc3\xa9"}});
  }

  TEST_CASE("a body may contain any byte, and may be empty") {
    const std::string body("\0\n\r\xff", 4);
    CHECK(parse("A: b\n\n" + body).body == body);
    CHECK(parse("A: b\n\n").body.empty());
  }

  TEST_CASE("the error about a malformed header line has its number, not its content") {
    const auto error_of = [](std::string_view stream) { return parse(stream).error; };
    const std::string prefix = "strategies: read cgi response: header line ";

    CHECK(error_of(": b\n\n") == prefix + "1 has no valid name before its colon");
    CHECK(error_of("A b: c\n\n") == prefix + "1 has no valid name before its colon");
    CHECK(error_of("A : c\n\n") == prefix + "1 has no valid name before its colon");
    CHECK(error_of("A: b\n folded: c\n\n") == prefix + "2 has no valid name before its colon");
    CHECK(error_of("A: b\rc\n\n") == prefix + "1 has a carriage return or zero byte in its value");
    CHECK(error_of(std::string_view("A: b\0c\n\n", 8)) ==
          prefix + "1 has a carriage return or zero byte in its value");
    for (const char* status : {"", "20", "2000", "099", "abc", "-20", "20x", "+20", "200OK"}) {
      CAPTURE(status);
      CHECK(error_of("Status: " + std::string(status) + "\n\n") ==
            prefix + "1 has no status of 100 to 999");
    }
  }

  TEST_CASE("a stream that ends inside its head is an error with the number of bytes") {
    const std::size_t head_bytes = kSample.find("<p>");
    for (std::size_t size = 0; size < head_bytes; ++size) {
      CAPTURE(size);
      CHECK(parse(kSample.substr(0, size)).error ==
            "strategies: read cgi response: expected an empty line after the headers, got the end "
            "of the "
            "stream after " +
                std::to_string(size) + " bytes");
    }
    CHECK(parse(kSample.substr(0, head_bytes)).error.empty());
  }

  TEST_CASE("the limit holds for the head and not for the body") {
    const std::string long_value(CgiResponseReader::kMaxHeadBytes, 'x');
    CHECK(parse("A: " + long_value).error ==
          "strategies: read cgi response: expected at most 1048576 bytes of headers");
    CHECK(parse("A: b\n\n" + long_value).body == long_value);
  }

  TEST_CASE("the head is complete with its last byte") {
    CgiResponseReader reader;
    REQUIRE(reader.feed("A: b\r\n\r").ok());
    CHECK_FALSE(reader.head_complete());
    REQUIRE(reader.feed("\n").ok());
    CHECK(reader.head_complete());
  }

  TEST_CASE("a flipped bit never causes a read out of bounds") {
    for_each_bit_flip(std::string(kSample), [](const std::string& flipped) {
      const Parsed parsed = parse(flipped);
      if (parsed.error.empty()) CHECK(flipped.ends_with(parsed.body));
    });
  }

  TEST_CASE("the response does not depend on how the stream is cut") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
      check_sample(parse(random_chunks(kSample, 1 + random() % 40, random)));
    }
  }
}

}  // namespace phork::strategies
