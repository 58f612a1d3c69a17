// SPDX-License-Identifier: MIT
#include "emulator/http/request_head.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace phork::emulator;
using phork::event::NameValue;

namespace {

// The lines of a head, each with its line end, and the empty line.
std::string head(const std::string& request_line, const std::string& headers = "Host: a\r\n") {
  return request_line + "\r\n" + headers + "\r\n";
}

HttpRequest parsed(const std::string& text) {
  HeadOrRefusal request = parse_request_head(text);
  if (const HeadRefusal* refusal = std::get_if<HeadRefusal>(&request)) FAIL(refusal->reason);
  return std::get<HttpRequest>(std::move(request));
}

// The status of the refusal; 0 for a request that is taken.
int refusal(const std::string& text) {
  const HeadOrRefusal request = parse_request_head(text);
  const HeadRefusal* refusal = std::get_if<HeadRefusal>(&request);
  if (refusal == nullptr) return 0;
  CHECK_FALSE(refusal->reason.empty());
  return refusal->status;
}

int refusal_with(const std::string& headers, const std::string& version = "HTTP/1.1") {
  return refusal(head("POST / " + version, "Host: a\r\n" + headers));
}

}  // namespace

TEST_SUITE("request head") {
  TEST_CASE("every byte of values and the order of headers is kept") {
    const HttpRequest request = parsed(
        "GET /a%20b?x=1?2&y=%3B HTTP/1.1\r\nHost: a\r\nCookie: a=%3B; b=\"c\"\r\nX-Empty:\r\nx-a:  "
        "1 "
        "\t\r\nX-A: 2\tb\xff\r\n\r\n");
    CHECK(request.method == "GET");
    CHECK(request.raw_path() == "/a%20b");
    CHECK(request.query() == "x=1?2&y=%3B");
    CHECK(request.headers == std::vector<NameValue>{{"host", "a"},
                                                    {"cookie", "a=%3B; b=\"c\""},
                                                    {"x-empty", ""},
                                                    {"x-a", "1"},
                                                    {"x-a", "2\tb\xff"}});
    CHECK(request.sent_names ==
          std::vector<std::string>{"Host", "Cookie", "X-Empty", "x-a", "X-A"});
  }

  TEST_CASE("a malformed request line is refused") {
    for (const char* line : {"",
                             "GET",
                             "GET /",
                             "GET  / HTTP/1.1",
                             "GET / HTTP/1.1 ",
                             "GET / HTTP/1.1 x",
                             " GET / HTTP/1.1",
                             "GET /\tHTTP/1.1",
                             "G(T / HTTP/1.1",
                             "GET /a b HTTP/1.1",
                             "GET /a\tb HTTP/1.1",
                             "GET /a\x01 HTTP/1.1",
                             "GET /\x7f HTTP/1.1",
                             "GET /#f HTTP/1.1",
                             "GET a HTTP/1.1",
                             "GET * HTTP/1.1",
                             "GET / http/1.1",
                             "GET / HTTP/1",
                             "GET / HTTP/11",
                             "GET / HTTP/1.x",
                             "GET / HTTP/1.1.1",
                             "GET /\r/ HTTP/1.1",
                             "GET /\n/ HTTP/1.1",
                             "GET / HTTP/2"}) {
      CAPTURE(line);
      CHECK(refusal(head(line)) == 400);
    }
    CHECK(refusal(head(std::string("GET /\0 HTTP/1.1", 15))) == 400);
    CHECK(refusal("GET / HTTP/1.1\r\nHost: a\r\n") == 400);
    CHECK(refusal("GET / HTTP/1.1\nHost: a\n\n") == 400);
  }

  TEST_CASE("a later minor version is HTTP/1.1, and another major one is not supported") {
    CHECK_FALSE(parsed(head("GET / HTTP/1.2")).http_1_0);
    CHECK(parsed(head("GET / HTTP/1.0", "")).http_1_0);
    for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"}) {
      CHECK(refusal(head(std::string("GET / ") + version)) == 505);
    }
  }

  TEST_CASE("an absolute target becomes a path, and its host the request's") {
    const HttpRequest request =
        parsed(head("GET HTTP://Shop.example:81/a?b=/c HTTP/1.1", "X: 1\r\nHost: other\r\n"));
    CHECK(request.target == "/a?b=/c");
    CHECK(request.header("host") == "Shop.example:81");
    CHECK(request.headers.size() == 2);
    CHECK(parsed(head("GET https://a HTTP/1.1")).target == "/");
    CHECK(parsed(head("GET http://a?b HTTP/1.1")).target == "/?b");
    const HttpRequest old = parsed(head("GET http://b/ HTTP/1.0", ""));
    CHECK(old.headers == std::vector<NameValue>{{"host", "b"}});
    CHECK(old.sent_names == std::vector<std::string>{"Host"});
    for (const char* target : {"http:/a", "http://", "http:///x", "ftp://a/", "http://u@a/",
                               "http://a:b/", "a:80", "http://a b/", "://a/"}) {
      CAPTURE(target);
      CHECK(refusal(head("GET " + std::string(target) + " HTTP/1.1")) == 400);
    }
    CHECK(refusal(head("GET http://a/ HTTP/1.1", "")) == 400);
  }

  TEST_CASE("only OPTIONS may ask the server itself, and nobody a proxy") {
    CHECK(parsed(head("OPTIONS * HTTP/1.1")).target == "*");
    CHECK(refusal(head("CONNECT a:443 HTTP/1.1")) == 501);
  }

  TEST_CASE("a header is a name, a colon and a value on one line") {
    for (const char* field :
         {"no colon", "bad name: 1", "X : 1", "X\t: 1", ": 1", " X: 1", "\tX: 1", "X: a\rb",
          "X: a\nb", "X: \x01", "X: \x7f", "X: 1\r\n folded", "X: 1\r\n\tfolded", "X\xc3\xa9: 1"}) {
      CAPTURE(field);
      CHECK(refusal_with(std::string(field) + "\r\n") == 400);
    }
    CHECK(refusal_with(std::string("X: a\0b\r\n", 8)) == 400);
    CHECK(refusal(head("GET / HTTP/1.1", " folded\r\nHost: a\r\n")) == 400);
  }

  TEST_CASE("there is one Host, and it is one; only HTTP/1.0 may do without") {
    CHECK(refusal(head("GET / HTTP/1.1", "")) == 400);
    CHECK(refusal(head("GET / HTTP/1.0", "")) == 0);
    for (const char* hosts : {"Host: a\r\nHost: b\r\n", "Host: a\r\nhost: a\r\n", "Host:\r\n",
                              "Host: a b\r\n", "Host: a/b\r\n", "Host: u@a\r\n", "Host: a:b\r\n",
                              "Host: a, b:1\r\n", "Host: [::1\r\n"}) {
      CAPTURE(hosts);
      CHECK(refusal(head("GET / HTTP/1.1", hosts)) == 400);
      CHECK(refusal(head("GET / HTTP/1.0", hosts)) == 400);
    }
    for (const char* host : {"a", "a:80", "[::1]:80", "203.0.113.80", "a_b.example", "A%20b:"}) {
      CAPTURE(host);
      CHECK(parsed(head("GET / HTTP/1.1", "Host: " + std::string(host) + "\r\n")).header("host") ==
            host);
    }
  }

  TEST_CASE("a length is one number, and never beside chunks") {
    for (const char* headers :
         {"Content-Length: 1\r\nContent-Length: 2\r\n",
          "Content-Length: 1\r\ncontent-length: 1\r\n", "Content-Length: 1, 2\r\n",
          "Content-Length: 1, 1\r\n", "Content-Length:\r\n", "Content-Length: +1\r\n",
          "Content-Length: -1\r\n", "Content-Length: 0x1\r\n", "Content-Length: 1 1\r\n",
          "Content-Length: 1.0\r\n", "Content-Length: a\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"}) {
      CAPTURE(headers);
      CHECK(refusal_with(headers) == 400);
    }
    CHECK(refusal_with("Content-Length: 007\r\n") == 0);
  }

  TEST_CASE("chunked is the last transfer coding and the only one") {
    CHECK(
        parsed(head("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: , Chunked ,\r\n")).chunked());
    CHECK(parsed(head("POST / HTTP/1.1",
                      "Host: a\r\nTransfer-Encoding:\r\nTransfer-Encoding: chunked\r\n"))
              .chunked());
    for (const char* codings :
         {"Transfer-Encoding:\r\n", "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: xchunked\r\n",
          "Transfer-Encoding: chunked;a=b\r\n", "Transfer-Encoding: \"chunked\"\r\n",
          "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n",
          "Transfer-Encoding: chunked identity\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"}) {
      CAPTURE(codings);
      CHECK(refusal_with(codings) == 400);
    }
    CHECK(refusal_with("Transfer-Encoding: gzip, chunked\r\n") == 501);
    CHECK(refusal_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") == 501);
    CHECK(refusal_with("Transfer-Encoding: chunked\r\n", "HTTP/1.0") == 400);
  }
}
