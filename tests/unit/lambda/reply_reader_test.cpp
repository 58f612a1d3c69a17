// SPDX-License-Identifier: MIT
#include "runtime/lambda/reply_reader.h"

#include <doctest/doctest.h>

namespace phork::lambda {
namespace {

using State = ReplyReader::State;

ReplyReader read_whole(std::string_view bytes) {
  ReplyReader reader;
  reader.take(bytes);
  return reader;
}

}  // namespace

TEST_SUITE_BEGIN("reply reader");

TEST_CASE("a response is complete with its last byte, however it is split") {
  const std::string interim = "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n";
  const std::string response =
      interim + "HTTP/1.1 202 Accepted\r\nContent-Type: a/b\r\ncontent-LENGTH: \t15 \r\n\r\n" +
      "{\"status\":\"OK\"}";
  for (std::size_t cut = 0; cut < response.size(); ++cut) {
    CAPTURE(cut);
    ReplyReader reader;
    const State before = reader.take(response.substr(0, cut));
    CHECK(before != State::kWhole);
    CHECK(before != State::kInvalid);
    REQUIRE(reader.take(response.substr(cut)) == State::kWhole);
    CHECK(reader.reply().status == 202);
    CHECK(reader.reply().body == "{\"status\":\"OK\"}");
    CHECK(reader.reply().keeps_connection);
  }
}

TEST_CASE("an interim response alone is not a response") {
  CHECK(read_whole("HTTP/1.1 100 Continue\r\n\r\n").state() == State::kHead);
  CHECK(read_whole("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTT").state() == State::kHead);
}

TEST_CASE("a response without a body is complete with its head") {
  for (const char* response :
       {"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"}) {
    const ReplyReader reader = read_whole(response);
    REQUIRE(reader.state() == State::kWhole);
    CHECK(reader.reply().body.empty());
    CHECK(reader.reply().keeps_connection);
  }
}

TEST_CASE("a connection that the server closes, or with bytes left over, is not kept") {
  for (const char* response :
       {"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nconnection:CLOSE\r\n\r\n{}",
        "HTTP/1.0 202 Accepted\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}H"}) {
    CAPTURE(response);
    const ReplyReader reader = read_whole(response);
    REQUIRE(reader.state() == State::kWhole);
    CHECK(reader.reply().status == 202);
    CHECK(reader.reply().body == "{}");
    CHECK_FALSE(reader.reply().keeps_connection);
  }
}

TEST_CASE("a body of unknown or excessive length is not waited for") {
  for (const char* response :
       {"HTTP/1.1 413 Too Large\r\n\r\n", "HTTP/1.1 413 Too Large\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nContent-Length: 3000000\r\n\r\n",
        "HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n"}) {
    CAPTURE(response);
    const ReplyReader reader = read_whole(response);
    REQUIRE(reader.state() == State::kWhole);
    CHECK(reader.reply().status == 413);
    CHECK_FALSE(reader.reply().keeps_connection);
  }
}

TEST_CASE("bytes that are not HTTP/1 are refused at once") {
  for (const char* bytes :
       {"2", "220 mail.example.com", "HTTP/2 200", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 99\r\n\r\n",
        "HTTP/1.1 999 Odd\r\n\r\n", "HTTP/1.1202 Accepted\r\n\r\n", "HTTP/1.1\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(read_whole(bytes).state() == State::kInvalid);
  }
}

TEST_CASE("an endless head is refused") {
  ReplyReader reader;
  reader.take("HTTP/1.1 202 Accepted\r\nX: ");
  const std::string more(4096, 'x');
  for (int i = 0; i < 15; ++i) REQUIRE(reader.take(more) == State::kHead);
  for (int i = 0; i < 2; ++i) reader.take(more);
  CHECK(reader.state() == State::kInvalid);
}

TEST_SUITE_END();

}  // namespace phork::lambda
