// SPDX-License-Identifier: MIT
#include "emulator/http/message.h"

#include <doctest/doctest.h>

#include "emulator/http/request_head.h"

using namespace phork::emulator;

namespace {

HttpRequest parsed(const std::string& head) {
  HeadOrRefusal request = parse_request_head(head);
  REQUIRE(std::holds_alternative<HttpRequest>(request));
  return std::get<HttpRequest>(std::move(request));
}

}  // namespace

TEST_CASE("version and header decide whether a connection is kept") {
  CHECK(parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keep_alive());
  CHECK_FALSE(parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n").keep_alive());
  CHECK_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive());
  CHECK(parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive());
  CHECK_FALSE(parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, close\r\n\r\n").keep_alive());
}

TEST_CASE("a reply head always has a length, and keep-alive for an HTTP/1.0 client") {
  const HttpReply reply{200, {{"x", "a\r\nb: c"}}, "hello"};
  const HttpRequest old = parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(write_reply_head(reply, old) ==
        "HTTP/1.1 200 OK\r\nx: a  b: c\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n");
  CHECK(write_reply_head({204, {}, {}}, parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(write_reply_head({200, {}, {}, "Fine\r\nx: y"},
                         parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "HTTP/1.1 200 Fine  x: y\r\ncontent-length: 0\r\n\r\n");
  CHECK(write_reply_head({200, {}, {}}, parsed("GET / HTTP/1.0\r\n\r\n")) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

TEST_CASE("a reply head keeps names as sent and finds them in any case") {
  const auto reply =
      parse_reply_head("HTTP/1.1 404 Not Found\r\nX-A: 1 \r\nx-a: 2\r\nEmpty:\r\n\r\n");
  REQUIRE(reply.ok());
  CHECK(reply->status == 404);
  CHECK(reply->reason == "Not Found");
  CHECK(reply->headers ==
        std::vector<phork::event::NameValue>{{"X-A", "1"}, {"x-a", "2"}, {"Empty", ""}});
  CHECK(reply->header("x-a") == "1");
  CHECK(reply->header("absent").empty());
}
