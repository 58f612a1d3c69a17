// SPDX-License-Identifier: MIT
//
// Bodies: forms, php://input, limits.
#include <array>
#include <string>

#include "tests/http/http_case.h"

namespace phork::http_suite {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json";

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

std::string parameters(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append("p").append(std::to_string(i)).append("=1&");
  return all;
}

HttpCases method_cases() {
  HttpCases cases;
  for (const char* method : {"PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
    cases.push_back(
        send(std::string("body: form by ") + method, method, "/item?q=1", kForm, "a=1"));
    cases.push_back(
        send(std::string("body: JSON by ") + method, method, "/item", kJson, R"({"a":1})"));
  }
  cases.push_back(send("body: none by DELETE", "DELETE", "/item/7", "", ""));
  cases.push_back(send("body: none by HEAD", "HEAD", "/?a=1", "", ""));
  cases.push_back(send("body: none by PUT", "PUT", "/item", "", ""));
  cases.push_back(send("body: form by GET", "GET", "/", kForm, "a=1"));
  cases.push_back(send("body: HEAD of a page that echoes", "HEAD", "/page/output/echo", "", ""));
  return cases;
}

HttpCases form_cases() {
  return {
      post_form("form: one", "/", "a=1"),
      post_form("form: empty", "/", ""),
      post_form("form: query too", "/?a=query&b=2", "a=form&c=3"),
      post_form("form: repeated name", "/", "a=1&a=2"),
      post_form("form: lists and maps", "/", "a[]=1&a[]=2&b[c][d]=3&b[c][]=4"),
      post_form("form: encoded brackets", "/", "a%5B%5D=1&a%5B%5D=2"),
      post_form("form: plus and escapes", "/", "a=one+two%2Bthree&b=%26%3D"),
      post_form("form: UTF-8", "/", "name=Zo%C3%AB&raw=Zoë"),
      post_form("form: no UTF-8", "/", "a=%FF&b=\xff"),
      post_form("form: NUL", "/", std::string("a=b\0c&d=%00", 11)),
      post_form("form: malformed escapes", "/", "a=100%&b=%zz"),
      post_form("form: names", "/", "a.b=1&c d=2&[e]=3&f[g=4"),
      post_form("form: line break at the end", "/", "a=1\r\n"),
      post_form("form: no equals sign", "/", "just text"),
      post_form("form: large value", "/", "a=" + std::string(300'000, 'x')),
      post_form("form: exactly max_input_vars", "/", parameters(1000)),
      post_form("form: more than max_input_vars", "/", parameters(1001)),
      post_form("form: 100,000 parameters", "/", parameters(100'000)),
      post_form("form: over post_max_size", "/?q=1", "a=" + std::string(2'200'000, 'x')),
      send("form: type with charset", "POST", "/",
           "application/x-www-form-urlencoded; charset=UTF-8", "a=1"),
      send("form: type in upper case", "POST", "/", "Application/X-WWW-Form-Urlencoded", "a=1"),
      send("form: type with a comma", "POST", "/", "application/x-www-form-urlencoded,x", "a=1"),
      send("form: no type", "POST", "/", "", "a=1&b=2"),
      send("form: unknown type", "POST", "/", "application/x-unknown", "a=1"),
      send("form: JSON", "POST", "/", kJson, R"({"a":[1,2],"b":"é"})"),
      send("form: JSON over post_max_size", "POST", "/page/input/hash", kJson,
           "\"" + std::string(2'200'000, 'x') + "\""),
      send("form: text", "POST", "/", "text/plain", "a=1\nb=2"),
      send("form: XML", "POST", "/", "text/xml; charset=UTF-8", "<a b=\"1\">é</a>"),
      send("form: every byte", "POST", "/", "application/octet-stream", every_byte()),
      send("form: every byte as text", "POST", "/", "text/plain", every_byte()),
      send("form: a megabyte of bytes", "POST", "/page/input/hash", "image/jpeg",
           std::string(1'000'000, '\xfe')),
  };
}

HttpCases input_cases() {
  HttpCases cases;
  for (const char* what : {"twice", "pieces", "seek", "line", "copy", "hash", "parse", "change"}) {
    cases.push_back(post_form(std::string("input: ") + what + ", form",
                              std::string("/page/input/") + what + "?a=1", "b=2&c=line%0Abreak"));
    cases.push_back(send(std::string("input: ") + what + ", text", "PUT",
                         std::string("/page/input/") + what, "text/plain", "first\nsecond\n"));
  }
  cases.push_back(send("input: json", "POST", "/page/input/json", kJson, R"({"a":{"b":[1]}})"));
  cases.push_back(send("input: invalid JSON", "POST", "/page/input/json", kJson, "{"));
  cases.push_back(post_form("input: filters", "/page/input/filters?number=7&mail=a@b.example",
                            "text=%3Cb%3E&list[]=1"));
  cases.push_back(post_form("input: filters refuse", "/page/input/filters?number=x&mail=y",
                            "text=plain&list=1"));
  return cases;
}

}  // namespace

HttpCases body_cases() {
  HttpCases cases = form_cases();
  for (auto* more : {method_cases, input_cases}) {
    for (HttpCase& item : more()) cases.push_back(std::move(item));
  }
  return cases;
}

}  // namespace phork::http_suite
