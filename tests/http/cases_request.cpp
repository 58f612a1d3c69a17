// SPDX-License-Identifier: MIT
//
// Request headers and cookies, and the variables that PHP makes of them.
#include <string>
#include <utility>

#include "tests/http/http_case.h"

namespace phork::http_suite {
namespace {

HttpCase cookie(std::string name, std::string value, unsigned needs = kNothing) {
  HttpCase item = get_with("cookie: " + std::move(name), "/", {{"Cookie", std::move(value)}});
  item.needs = needs;
  return item;
}

HttpCase repeated(std::string name, std::vector<event::NameValue> headers) {
  HttpCase item = get_with(std::move(name), "/", std::move(headers));
  item.needs = kRepeatedHeader;
  return item;
}

HttpCase header(std::string name, std::string header_name, std::string value) {
  return get_with("request: " + std::move(name), "/", {{std::move(header_name), std::move(value)}});
}

HttpCase authorization(std::string name, std::string value) {
  return header("authorization " + std::move(name), "Authorization", std::move(value));
}

}  // namespace

HttpCases cookie_cases() {
  return {
      cookie("one", "color=blue"),
      cookie("two", "color=blue; size=XL"),
      cookie("no space behind the semicolon", "a=1;b=2;  c=3", kCookieText),
      cookie("blank around", "  a=1 ;\tb=2\t; c = 3", kCookieText),
      cookie("escapes and plus", "zone=Europe%2FParis; sum=two+%2B+2"),
      cookie("UTF-8", "name=Zo%C3%AB; raw=Zoë"),
      cookie("no equals sign", "a; b=2"),
      cookie("empty value", "a=; b=2"),
      cookie("empty name", "=1; b=2"),
      cookie("equals signs in a value", "a=b=c=="),
      cookie("quotes", R"(a="quoted value"; b='x')"),
      cookie("comma", "a=1,2; b=3"),
      cookie("repeated name", "a=first; a=second"),
      cookie("map", "a[x]=1; a[y]=2; a[]=3"),
      cookie("dot and space in a name", "a.b=1; c d=2"),
      cookie("prefixes", "__Host-a=1; __Secure-b=2; ..Host-c=3"),
      cookie("numeric name", "0=a; 17=b"),
      cookie("name of a superglobal", "GLOBALS=1; _SERVER=2"),
      cookie("only semicolons", ";;; ;", kCookieText),
      cookie("long value", "a=" + std::string(4000, 'x')),
      cookie("a session that does not exist", "PHPSESSID=does-not-exist"),
      repeated("cookie: two headers", {{"Cookie", "a=1; b=2"}, {"Cookie", "c=3"}}),
      get_with("cookie: against the query", "/?a=query", {{"Cookie", "a=cookie"}}),
  };
}

HttpCases request_header_cases() {
  return {
      header("custom header", "X-Custom", "Hello world"),
      header("lower case name", "x-lower-case", "1"),
      header("numeric name", "12345", "1"),
      header("underscore in a name", "X_Underscore", "1"),
      header("dot in a name", "X.Dot", "1"),
      header("empty value", "X-Empty", ""),
      header("blank in a value", "X-Blank", "a \t b"),
      header("UTF-8 value", "X-Name", "Zoë"),
      header("quotes in a value", "X-Quotes", R"("a\"b")"),
      header("long value", "X-Long", std::string(6000, 'x')),
      header("Proxy never gets through", "Proxy", "http://evil.example"),
      header("Content-Type of a GET", "Content-Type", "text/plain"),
      header("Content-Length of a GET", "Content-Length", "0"),
      header("accept", "Accept", "text/html, application/json;q=0.9, */*;q=0.1"),
      header("language", "Accept-Language", "de, en;q=0.5"),
      header("encoding", "Accept-Encoding", "br"),
      header("agent", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"),
      header("referer", "Referer", "https://shop.example/cart?a=1"),
      header("origin", "Origin", "https://other.example"),
      header("conditional", "If-None-Match", "\"abc\", W/\"def\""),
      header("since", "If-Modified-Since", "Tue, 01 Sep 2026 10:00:00 GMT"),
      header("range", "Range", "bytes=0-9"),
      header("ajax", "X-Requested-With", "XMLHttpRequest"),
      header("method override", "X-HTTP-Method-Override", "PATCH"),
      header("same as a variable", "Remote-Addr", "10.9.8.7"),
      header("content-something", "Content-Language", "de"),
      header("Redirect-Status", "Redirect-Status", "500"),
      header("client address is claimed", "X-Forwarded-For", "10.0.0.1"),
      header("client addresses are claimed", "X-Forwarded-For", "10.0.0.1, 10.0.0.2"),
      header("plain http", "X-Forwarded-Proto", "http"),
      header("other port", "X-Forwarded-Port", "8443"),
      header("host of the proxy", "X-Forwarded-Host", "other.example"),
      header("host", "Host", "www.shop.example"),
      header("host with a port", "Host", "shop.example:8443"),
      header("host in upper case", "Host", "SHOP.example"),
      header("host that is an address", "Host", "203.0.113.80"),
      header("host that is an IPv6 address", "Host", "[2001:db8::1]:8443"),
      repeated("request: repeated header", {{"X-Twice", "one"}, {"X-Twice", "two"}}),
      repeated("request: same header in two cases", {{"X-Twice", "one"}, {"x-twice", "two"}}),
      get_with("request: many headers", "/",
               {{"X-A", "1"}, {"X-B", "2"}, {"X-C", "3"}, {"X-D", "4"}, {"X-E", "5"}}),
      authorization("basic", "Basic dXNlcjpzZWNyZXQ="),
      authorization("basic, lower case", "basic dXNlcjpzZWNyZXQ="),
      authorization("without user", "Basic OnNlY3JldA=="),
      authorization("without password", "Basic dXNlcjo="),
      authorization("with colons", "Basic dXNlcjphOmI6Yw=="),
      authorization("without colon", "Basic dXNlcg=="),
      authorization("of nothing", "Basic "),
      authorization("that is no base64", "Basic !!!!"),
      authorization("UTF-8", "Basic WsO2w6s6c8OpY3JldA=="),
      authorization("bearer", "Bearer abc.def.ghi"),
      authorization("digest", R"(Digest username="u", realm="r", nonce="n", uri="/")"),
  };
}

}  // namespace phork::http_suite
