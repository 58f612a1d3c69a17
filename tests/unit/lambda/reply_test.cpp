// SPDX-License-Identifier: MIT
#include "runtime/lambda/reply.h"

#include <vector>

#include <doctest/doctest.h>

namespace phork::lambda {
namespace {

using State = ReplyParser::State;
using Body = ReplyParser::Body;

// A reply and the parser that has read all of it.
struct Parsed {
  explicit Parsed(std::string all, Body body = Body::kNeeded)
      : bytes(std::move(all)), parser(body) {
    parser.parse(bytes);
  }

  Reply reply() const { return parser.reply(bytes); }

  State state() const { return parser.state(); }

  std::string bytes;
  ReplyParser parser;
};

std::string with(const std::string& headers, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_SUITE_BEGIN("reply");

TEST_CASE("a reply is complete with its last byte, however it is split") {
  const std::string interim = "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n";
  const std::string head = interim + "HTTP/1.1 202 Accepted\r\nContent-Type: a/b\r\n";
  const std::vector<std::string> replies = {
      head + "content-LENGTH: \t15 \r\n\r\n{\"status\":\"OK\"}",
      head +
          "TRANSFER-encoding: "
          "Chunked\r\n\r\n6;x=\"y\"\r\n{\"stat\r\n009\r\nus\":\"OK\"}\r\n0\r\n\r\n",
      head +
          "Transfer-Encoding:chunked\r\n\r\nF\r\n{\"status\":\"OK\"}\r\n0 ;a\r\nA: b\r\nC: "
          "d\r\n\r\n"};
  for (const std::string& bytes : replies) {
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      CAPTURE(bytes);
      CAPTURE(cut);
      ReplyParser parser;
      const State before = parser.parse(std::string(bytes, 0, cut));
      CHECK((before == State::kHead || before == State::kBody));
      REQUIRE(parser.parse(bytes) == State::kWhole);
      const Reply reply = parser.reply(bytes);
      CHECK(reply.status == 202);
      CHECK(reply.body() == "{\"status\":\"OK\"}");
      CHECK(reply.header("content-type") == "a/b");
      CHECK(reply.keeps_connection);
      CHECK(parser.raw(bytes) == bytes);
    }
    ReplyParser parser;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const State state = parser.parse(std::string(bytes, 0, size));
      REQUIRE((state == State::kHead || state == State::kBody));
      CHECK(parser.needed_bytes() <= bytes.size());
    }
    CHECK(parser.parse(bytes) == State::kWhole);
  }
}

TEST_CASE("header values are literal, names are in any case, and an empty value is none") {
  const Parsed parsed(
      with("X-A:  50%25 : %0d%0a \r\nx-empty:\r\nX-Empty: \t\r\nX-EMPTY: later\r\nX-Empty: last\r\n"
           "None:\r\nContent-Length: 0\r\n"));
  REQUIRE(parsed.state() == State::kWhole);
  CHECK(parsed.reply().header("x-a") == "50%25 : %0d%0a");
  CHECK(parsed.reply().header("X-Empty") == "later");
  CHECK(parsed.reply().header("None").empty());
  CHECK(parsed.reply().header("Missing").empty());
}

TEST_CASE("an interim reply alone is not a reply") {
  CHECK(Parsed("HTTP/1.1 100 Continue\r\n\r\n").state() == State::kHead);
  CHECK(Parsed("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTT").state() == State::kHead);
}

TEST_CASE("a reply without a body is complete with its head") {
  for (const char* bytes :
       {"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"}) {
    CAPTURE(bytes);
    const Parsed parsed(bytes);
    REQUIRE(parsed.state() == State::kWhole);
    CHECK(parsed.reply().body().empty());
    CHECK(parsed.reply().keeps_connection);
  }
}

TEST_CASE("a connection that the server closes, or with bytes left over, is not kept") {
  for (const char* bytes :
       {"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nconnection:CLOSE\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\n{}",
        "HTTP/1.0 202 Accepted\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}H"}) {
    CAPTURE(bytes);
    const Parsed parsed(bytes);
    REQUIRE(parsed.state() == State::kWhole);
    CHECK(parsed.reply().status == 202);
    CHECK(parsed.reply().body() == "{}");
    CHECK_FALSE(parsed.reply().keeps_connection);
  }
  CHECK(Parsed(with("Connection: keep-alive, closed\r\nContent-Length: 0\r\n"))
            .reply()
            .keeps_connection);
}

TEST_CASE("bytes behind a reply are no part of it") {
  Parsed parsed(with("Content-Length: 2\r\n", "{}HTTP/1.1 200 OK\r\n\r\n"));
  CHECK(parsed.parser.raw(parsed.bytes) == with("Content-Length: 2\r\n", "{}"));
}

TEST_CASE("a needed body of unstated length ends with the connection") {
  Parsed parsed("HTTP/1.0 200 OK\r\n\r\nall of");
  CHECK(parsed.state() == State::kBody);
  parsed.bytes += " it";
  CHECK(parsed.parser.parse(parsed.bytes) == State::kBody);
  REQUIRE(parsed.parser.finish(parsed.bytes) == State::kWhole);
  CHECK(parsed.reply().body() == "all of it");
  CHECK_FALSE(parsed.reply().keeps_connection);
}

TEST_CASE("the end of the connection completes no other reply") {
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200 OK\r\n"), with("Content-Length: 2\r\n", "{"),
        with("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n")}) {
    Parsed parsed(bytes);
    CHECK(parsed.parser.finish(bytes) != State::kWhole);
  }
}

TEST_CASE("an optional body of unknown or excessive length is not waited for") {
  for (const char* bytes :
       {"HTTP/1.1 413 Too Large\r\n\r\n", "HTTP/1.1 413 Too Large\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nContent-Length: 3000000\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n"}) {
    CAPTURE(bytes);
    const Parsed parsed(bytes, Body::kOptional);
    REQUIRE(parsed.state() == State::kWhole);
    CHECK(parsed.reply().status == 413);
    CHECK_FALSE(parsed.reply().keeps_connection);
  }
}

TEST_CASE("bytes that are not HTTP/1 are refused at once") {
  for (const char* bytes :
       {"2", "220 mail.example.com", "HTTP/2 200", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 99\r\n\r\n",
        "HTTP/1.1 999 Odd\r\n\r\n", "HTTP/1.1202 Accepted\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 2023 Odd\r\n\r\n", "HTTP/1.1 -20\r\n\r\n", "http/1.1 200 OK\r\n\r\n"}) {
    for (const Body body : {Body::kNeeded, Body::kOptional}) {
      CAPTURE(bytes);
      const Parsed parsed(bytes, body);
      CHECK(parsed.state() == State::kInvalid);
      CHECK(parsed.parser.error() == "expected an http response, got something else");
    }
  }
}

TEST_CASE("each malformed kind is refused with what was expected") {
  struct Case {
    std::string bytes;
    const char* error;
  };

  const std::string chunked = with("Transfer-Encoding: chunked\r\n");
  const char* line = "expected header lines of name, colon and text, got something else";
  const char* length = "expected a number as Content-Length, got something else";
  const char* size = "expected the size of a chunk, got something else";
  const char* coding = "expected 'chunked' as Transfer-Encoding, got something else";
  for (const Case& refused : std::vector<Case>{
           {with("secret\r\n"), line},
           {with(": secret\r\n"), line},
           {with("A b: secret\r\n"), line},
           {with("A : secret\r\n"), line},
           {with("A: b\r\n secret: folded\r\n"), line},
           {with("A: b\rsecret\r\n"), line},
           {with("A: b\nsecret: c\r\n"), line},
           {with(std::string("A: b\0secret\r\n", 13)), line},
           {with("Content-Length: secret\r\n"), length},
           {with("Content-Length:\r\n"), length},
           {with("Content-Length: -1\r\n"), length},
           {with("Content-Length: +1\r\n"), length},
           {with("Content-Length: 1, 1\r\n"), length},
           {with("Content-Length: 99999999999999999999\r\n"), length},
           {with("Content-Length: 1\r\nContent-Length: 2\r\n"),
            "expected one Content-Length, got two"},
           {with("Content-Length: 67108865\r\n"),
            "expected a body of at most 67108864 bytes, got 67108865"},
           {with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
            "expected Content-Length or Transfer-Encoding, got both"},
           {with("Transfer-Encoding: secret\r\n"), coding},
           {with("Transfer-Encoding: gzip, chunked\r\n"), coding},
           {chunked + "secret\r\n", size},
           {chunked + "\r\n", size},
           {chunked + "-1\r\n", size},
           {chunked + "0x1\r\n", size},
           {chunked + "1 secret\r\n", size},
           {chunked + "fffffffffffffffff\r\n", size},
           {chunked + "1;" + std::string(300, 'x'), size},
           {chunked + "4000001\r\n", "expected chunks of at most 67108864 bytes, got more"},
           {chunked + "1\r\n{\r\n4000000\r\n",
            "expected chunks of at most 67108864 bytes, got more"},
           {chunked + "1\r\nsecret\r\n", "expected a line end behind a chunk, got something else"},
           {chunked + "0\r\nA: " + std::string(70'000, 'x'),
            "expected trailers of at most 65536 bytes, got more"}}) {
    const std::string& bytes = refused.bytes;
    CAPTURE(bytes);
    const Parsed parsed(bytes);
    CHECK(parsed.state() == State::kInvalid);
    CHECK(parsed.parser.error() == refused.error);
    // Byte by byte it is refused for the same reason.
    ReplyParser parser;
    for (std::size_t end = 1; end <= bytes.size(); ++end) {
      if (parser.parse(std::string_view(bytes).substr(0, end)) == State::kInvalid) break;
    }
    CHECK(parser.error() == refused.error);
  }
}

TEST_CASE("the same length twice is one length") {
  CHECK(Parsed(with("Content-Length: 2\r\ncontent-length: 2\r\n", "{}")).state() == State::kWhole);
}

TEST_CASE("an endless head is refused, and so are endless interim replies") {
  std::string bytes = "HTTP/1.1 202 Accepted\r\nX: ";
  std::string more(4096, 'x');
  SUBCASE("one head") {}
  SUBCASE("interim replies") {
    more = "HTTP/1.1 100 Continue\r\n\r\n";
    while (more.size() < 4096) more += more;
    bytes.clear();
  }
  ReplyParser parser;
  for (; bytes.size() <= ReplyParser::kMaxHeadBytes - more.size(); bytes += more) {
    REQUIRE(parser.parse(bytes) == State::kHead);
  }
  parser.parse(bytes.append(more).append(more));
  CHECK(parser.state() == State::kInvalid);
  CHECK(parser.error() == "expected a head of at most 65536 bytes, got a longer one");
}

TEST_SUITE_END();

}  // namespace phork::lambda
