// SPDX-License-Identifier: MIT
#include "emulator/http/site_guard.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/http/authority.h"

using namespace phork::emulator;
using phork::event::NameValue;

namespace {

HttpRequest request(std::vector<NameValue> headers) {
  HttpRequest made;
  made.method = "POST";
  made.target = "/2015-03-31/functions/function/invocations";
  made.headers = std::move(headers);
  return made;
}

bool is_refused(std::vector<NameValue> headers) {
  return SiteGuard().refusal(request(std::move(headers))).has_value();
}

const NameValue kHost{"host", "127.0.0.1:8000"};

}  // namespace

TEST_SUITE("site guard") {
  TEST_CASE("an authority is a host with or without a port, and nothing else") {
    CHECK(parse_authority("Example.ORG:8000") == Authority{"example.org", 8000});
    CHECK(parse_authority("[::1]:80") == Authority{"[::1]", 80});
    CHECK(parse_authority("[::1]") == Authority{"[::1]", std::nullopt});
    CHECK(parse_authority("a:") == Authority{"a", std::nullopt});
    for (const char* text : {"", ":80", "a:b", "a:65536", "a:-1", "a:1:2", "u@h", "a b", "a/b",
                             "::1", "[::1", "[]", "[x]:1", "[::1]x", "a\tb", "\xc3\xa9", "a,b@c"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_authority(text));
    }
  }

  TEST_CASE("only names that no name server can redirect are this machine") {
    for (const char* host :
         {"localhost", "a.localhost", "127.0.0.1", "127.255.3.4", "[::1]", "[0:0:0:0:0:0:0:1]"}) {
      CAPTURE(host);
      CHECK(is_loopback(host));
    }
    for (const char* host :
         {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "notlocalhost",
          "0.0.0.0", "127.1", "0x7f.0.0.1", "128.0.0.1", "10.0.0.1", "[::2]", "[::]", ""}) {
      CAPTURE(host);
      CHECK_FALSE(is_loopback(host));
    }
  }

  TEST_CASE("a request that names another host is refused, unless the user has allowed it") {
    for (const char* host : {"127.0.0.1:8000", "localhost", "LocalHost:8000", "[::1]:8000"}) {
      CAPTURE(host);
      CHECK_FALSE(is_refused({{"host", host}}));
    }
    for (const char* host :
         {"evil.example", "evil.example:8000", "0.0.0.0:8000", "a@localhost", ""}) {
      CAPTURE(host);
      CHECK(is_refused({{"host", host}}));
    }
    CHECK(is_refused({}));
    const SiteGuard guard({"dev.example"});
    CHECK_FALSE(guard.refusal(request({{"host", "Dev.Example:8000"}})));
    CHECK(guard.refusal(request({{"host", "x.dev.example"}})));
    HttpRequest old = request({});
    old.http_1_0 = true;
    CHECK_FALSE(SiteGuard().refusal(old));
    old.headers = {{"host", "evil.example"}};
    CHECK(SiteGuard().refusal(old));
  }

  TEST_CASE("the origin must be the server itself, with scheme, host and port") {
    CHECK_FALSE(is_refused({kHost, {"origin", "http://127.0.0.1:8000"}}));
    CHECK_FALSE(is_refused({{"host", "localhost"}, {"origin", "http://localhost:80"}}));
    CHECK_FALSE(is_refused({{"host", "localhost:443"}, {"origin", "https://localhost"}}));
    for (const char* origin :
         {"http://evil.example", "http://127.0.0.1:8001", "http://localhost:8000", "null", "",
          "https://127.0.0.1", "http://127.0.0.1:8000.evil.example", "file://",
          "http://127.0.0.1:8000/", "chrome-extension://abc", "http://127.0.0.1:8000, null"}) {
      CAPTURE(origin);
      CHECK(is_refused({kHost, {"origin", origin}}));
    }
    CHECK(is_refused({kHost, {"origin", "http://127.0.0.1:8000"}, {"origin", "http://x"}}));
  }

  TEST_CASE("a page of another site, or of another port, is known by Sec-Fetch-Site") {
    for (const char* site : {"same-origin", "none"}) {
      CAPTURE(site);
      CHECK_FALSE(is_refused({kHost, {"sec-fetch-site", site}}));
    }
    for (const char* site : {"cross-site", "same-site", "", "other"}) {
      CAPTURE(site);
      CHECK(is_refused({kHost, {"sec-fetch-site", site}}));
    }
  }

  TEST_CASE("the reason names the header, its value and the remedy") {
    CHECK(SiteGuard().refusal(request({{"host", "evil.example"}})) ==
          "phork: refuse a request of another site: Host is 'evil.example', which is not this "
          "machine; --allow-host NAME adds a name");
    CHECK(SiteGuard().refusal(request({kHost, {"origin", "http://evil.example"}})) ==
          "phork: refuse a request of another site: Origin is 'http://evil.example', expected "
          "none, or that of Host");
  }

  TEST_CASE("requests of pages are told from those of programs") {
    CHECK(is_sent_by_page(request({kHost, {"origin", "http://127.0.0.1:8000"}})));
    CHECK(is_sent_by_page(request({{"sec-fetch-mode", "no-cors"}})));
    CHECK_FALSE(is_sent_by_page(request({kHost, {"user-agent", "curl"}})));
  }
}
