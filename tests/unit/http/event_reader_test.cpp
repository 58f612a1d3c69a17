// SPDX-License-Identifier: MIT
//
// Rules common to all shapes, tested with events of API Gateway (v1 and v2).
#include "runtime/http/event_reader.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/http/message.h"

namespace phork::http {
namespace {

using namespace std::string_view_literals;

Request request_of(std::string_view json) {
  auto event = read_event(json);
  REQUIRE_MESSAGE(event.ok(), event.error().text);
  return std::move(event).value().request;
}

std::string error_of(std::string_view json) {
  const auto event = read_event(json);
  REQUIRE_FALSE(event.ok());
  CHECK(event.error().kind == base::ErrorKind::kInvalid);
  return event.error().text;
}

// `more` is a list of members, each with a comma before it.
std::string v1(std::string_view more, std::string_view method = "GET") {
  return std::string(R"({"resource":"/{proxy+}","path":"/hello","httpMethod":")")
      .append(method)
      .append("\"")
      .append(more)
      .append("}");
}

std::string v2(std::string_view more, std::string_view method = "GET") {
  return std::string(R"({"version":"2.0","routeKey":"$default","rawPath":"/hello",)")
      .append(R"("requestContext":{"stage":"$default","http":{"method":")")
      .append(method)
      .append(R"(","path":"/hello","protocol":"HTTP/2.0","sourceIp":"203.0.113.7"}})")
      .append(more)
      .append("}");
}

std::string header(const Request& request, std::string_view name) {
  return std::string(last_header(request.headers, name));
}

TEST_SUITE("event reader") {
  TEST_CASE("a v2 event gives every field of the request") {
    const auto event =
        read_event(v2(R"(,"rawQueryString":"a=1","headers":{"Host":"example.org"})"));
    REQUIRE(event.ok());
    CHECK(event->shape == EventShape::kApiGatewayV2);
    const Request& request = event->request;
    CHECK(request.method == "GET");
    CHECK(request.path == "/hello");
    CHECK(request.query_string == "a=1");
    CHECK(request.protocol == "HTTP/2.0");
    CHECK(request.headers == std::vector<event::NameValue>{{"host", "example.org"}});
    CHECK(request.remote_address == "203.0.113.7");
    CHECK(request.stage == "$default");
    CHECK(request.body.empty());
  }

  TEST_CASE("a v1 event gives every field of the request") {
    const auto event = read_event(
        v1(R"(,"headers":{"X-Last":"b"},"multiValueHeaders":{"X-Last":["a","b"],"Host":["h"]},)"
           R"("queryStringParameters":{"q":"2"},"multiValueQueryStringParameters":{"q":["1","2"]},)"
           R"("requestContext":{"stage":"dev","path":"/dev/hello","protocol":"HTTP/1.0",)"
           R"("identity":{"sourceIp":"2001:db8::7"}},"body":null,"isBase64Encoded":false)"));
    REQUIRE(event.ok());
    CHECK(event->shape == EventShape::kApiGatewayV1);
    const Request& request = event->request;
    CHECK(request.path == "/hello");
    CHECK(request.query_string == "q=1&q=2");
    CHECK(request.protocol == "HTTP/1.0");
    CHECK(request.headers ==
          std::vector<event::NameValue>{{"x-last", "a"}, {"x-last", "b"}, {"host", "h"}});
    CHECK(request.remote_address == "2001:db8::7");
    CHECK(request.stage == "dev");
  }

  TEST_CASE("a v1 event whose maps are all null is a bare request") {
    const Request request = request_of(
        v1(R"(,"headers":null,"multiValueHeaders":null,"queryStringParameters":null,)"
           R"("multiValueQueryStringParameters":null,"requestContext":null,"body":null)"));
    CHECK(request.headers.empty());
    CHECK(request.query_string.empty());
    CHECK(request.protocol == "HTTP/1.1");
    CHECK(request.remote_address.empty());
    CHECK(request.request_context.empty());
  }

  TEST_CASE("v1 falls back to the single maps when the others are absent or empty") {
    const Request request = request_of(
        v1(R"(,"headers":{"A":"1"},"multiValueHeaders":{},"queryStringParameters":{"q":"x y"})"));
    CHECK(header(request, "a") == "1");
    CHECK(request.query_string == "q=x%20y");
  }

  TEST_CASE("the request context is kept as its own text") {
    const std::string_view context = R"({ "elbow" : 1e400, "n": 12345678901234567890, "u":"é" })";
    const auto json = v1(R"(,"requestContext": )" + std::string(context) + " ");
    CHECK(request_of(json).request_context == context);
  }

  TEST_CASE("a v2 query is kept byte for byte") {
    for (const std::string_view query :
         {"a[]=1&a[]=2", "p=%2F", "s=a+b", "e=", "e", "r=1&r=2&r=", "n=%00", "&&a=1&",
          "a=b=c==", "dots.in.name=1", "caf%c3%a9", "?x", "a;b"}) {
      const auto json = v2(R"(,"rawQueryString":")" + std::string(query) + '"');
      CHECK(request_of(json).query_string == query);
    }
  }

  TEST_CASE("a v1 query is encoded again with the same meaning") {
    struct Row {
      std::string_view map;
      std::string_view query;
    };

    const std::vector<Row> rows = {
        {R"({"a[]":["1","2"]})", "a[]=1&a[]=2"},
        {R"({"p":["/"]})", "p=%2F"},
        {R"({"s":["a+b"]})", "s=a%2Bb"},
        {R"({"s":["a b"]})", "s=a%20b"},
        {R"({"e":[""]})", "e="},
        {R"({"r":["1","2",""]})", "r=1&r=2&r="},
        {R"({"n":["\u0000"]})", "n=%00"},
        {R"({"a&b":["c=d"]})", "a%26b=c%3Dd"},
        {R"({"foo.bar":["1"],"x[y][z]":["2"]})", "foo.bar=1&x[y][z]=2"},
        {R"({"u":["é\ud83c\udf0d"]})", "u=%C3%A9%F0%9F%8C%8D"},
        {R"({"percent":["%2F"]})", "percent=%252F"},
        {R"({"none":[]})", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.map);
      const auto json = v1(R"(,"multiValueQueryStringParameters":)" + std::string(row.map));
      CHECK(request_of(json).query_string == row.query);
    }
  }

  TEST_CASE("a decoded path is encoded again") {
    struct Row {
      std::string_view json;
      std::string_view path;
    };

    const std::vector<Row> rows = {
        {"/a b", "/a%20b"},     {"/a%20b", "/a%20b"}, {"/caf\\u00e9", "/caf%C3%A9"},
        {"/what?", "/what%3F"}, {"/50%", "/50%25"},   {"", "/"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.json);
      const std::string quoted = '"' + std::string(row.json) + '"';
      CHECK(request_of(R"({"httpMethod":"GET","path":)" + quoted + "}").path == row.path);
      CHECK(request_of(R"({"requestContext":{"http":{"method":"GET"}},"rawPath":)" + quoted + "}")
                .path == row.path);
    }
  }

  TEST_CASE("the stage stays where the gateway put it") {
    CHECK(request_of(R"({"rawPath":"/dev/x","requestContext":{"stage":"dev","http":)"
                     R"({"method":"GET"}}})")
              .path == "/dev/x");
  }

  TEST_CASE("header names become lower case, values are unchanged") {
    const Request request =
        request_of(v2(R"(,"headers":{"X-My-Header":"Hello World","12345":"n","É":"x"})"));
    CHECK(header(request, "x-my-header") == "Hello World");
    CHECK(header(request, "12345") == "n");
    CHECK(header(request, "É") == "x");
  }

  TEST_CASE("v2 cookies become one header and replace an existing one") {
    CHECK(header(request_of(v2(R"(,"cookies":["a=1","b=two+%2B","c"])")), "cookie") ==
          "a=1; b=two+%2B; c");
    const Request both = request_of(v2(R"(,"headers":{"cookie":"old=1"},"cookies":["new=1"])"));
    CHECK(both.headers == std::vector<event::NameValue>{{"cookie", "new=1"}});
    CHECK(header(request_of(v2(R"(,"headers":{"cookie":"a=1"},"cookies":[])")), "cookie") == "a=1");
  }

  TEST_CASE("v1 cookie headers are joined, other repeated ones are not") {
    const Request request = request_of(
        v1(R"(,"multiValueHeaders":{"Cookie":["a=1","b=2"],"cookie":["c=3"],"X":["1","2"]})"));
    CHECK(request.headers ==
          std::vector<event::NameValue>{{"cookie", "a=1; b=2; c=3"}, {"x", "1"}, {"x", "2"}});
  }

  TEST_CASE("content-length is the real length of the body") {
    struct Row {
      std::string_view method;
      std::string_view members;
      std::string_view length;  // "" for no header
    };

    const std::vector<Row> rows = {
        {"POST", R"(,"body":"foo=bar")", "7"},
        {"POST", R"(,"body":"foo=bar","headers":{"Content-Length":"99"})", "7"},
        {"POST", R"(,"body":"Hello 🌍")", "10"},
        {"POST", R"(,"body":"a\r\nb")", "4"},
        {"POST", R"(,"body":"Zm9vPWJhcg==","isBase64Encoded":true)", "7"},
        {"POST", "", "0"},
        {"PUT", R"(,"body":null)", "0"},
        {"PATCH", R"(,"body":"")", "0"},
        {"DELETE", R"(,"body":"x")", "1"},
        {"DELETE", "", ""},
        {"GET", "", ""},
        {"GET", R"(,"headers":{"content-length":"5"})", "0"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.method);
      CAPTURE(row.members);
      for (const std::string& json : {v1(row.members, row.method), v2(row.members, row.method)}) {
        CHECK(header(request_of(json), "content-length") == row.length);
      }
    }
  }

  TEST_CASE("a body arrives as the client sent it") {
    struct Row {
      std::string_view members;
      std::string_view body;
    };

    const std::vector<Row> rows = {
        {R"(,"body":"plain")", "plain"},
        {R"(,"body":"")", ""},
        {R"(,"body":null)", ""},
        {R"(,"body":"{\"a\":\"\\n\"}\n\t\/")", "{\"a\":\"\\n\"}\n\t/"},
        {R"(,"body":"\u0000\u00e9\ud83c\udf0d")", "\0\xC3\xA9\xF0\x9F\x8C\x8D"sv},
        {R"(,"body":"Zm9v","isBase64Encoded":false)", "Zm9v"},
        {R"(,"body":"Zm9v","isBase64Encoded":null)", "Zm9v"},
        {R"(,"body":"Zm9v","isBase64Encoded":true)", "foo"},
        {R"(,"body" : "\/\/8AgA==" , "isBase64Encoded":true)", "\xFF\xFF\0\x80"sv},
        {R"(,"body":"","isBase64Encoded":true)", ""},
        {R"(,"isBase64Encoded":true)", ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.members);
      CHECK(request_of(v2(row.members, "POST")).body == row.body);
      CHECK(request_of(v1(row.members, "POST")).body == row.body);
    }
  }

  TEST_CASE("a body of megabytes is read completely, escaped or not") {
    const std::string plain(5'000'000, 'x');
    CHECK(request_of(v2(R"(,"body":")" + plain + '"', "POST")).body == plain);
    std::string escaped;
    std::string expected;
    for (int i = 0; i < 200'000; ++i) {
      escaped += R"(line \"é\"\n)";
      expected += "line \"é\"\n";
    }
    CHECK(request_of(v2(R"(,"body":")" + escaped + '"', "POST")).body == expected);
  }

  TEST_CASE("an event with padding behind it is read without a copy") {
    std::string json = v2(R"(,"body":"in place")", "POST");
    json.reserve(json.size() + kEventPaddingBytes);
    const auto event = read_event(json, json.capacity());
    REQUIRE(event.ok());
    CHECK(event->request.body == "in place");
  }

  TEST_CASE("fields come in any order") {
    const Request request = request_of(
        R"({"isBase64Encoded":true,"body":"eA==","headers":{"h":"1"},"rawQueryString":"q=1",)"
        R"("requestContext":{"http":{"sourceIp":"10.0.0.1","protocol":"P","method":"PUT"},)"
        R"("stage":"s"},"unknown":{"body":"no","rawPath":[{}]},"rawPath":"/p"})");
    CHECK(request.method == "PUT");
    CHECK(request.path == "/p");
    CHECK(request.body == "x");
    CHECK(request.stage == "s");
  }

  TEST_CASE("every truncation of an event is refused, and no prefix crashes") {
    const std::string whole = v2(R"(,"cookies":["a=1"],"headers":{"h":"\u00e9"},"body":"x\"y")");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK_FALSE(read_event(std::string_view(whole).substr(0, size)).ok());
    }
  }

  TEST_CASE("a flipped byte gives a request or an error of one line") {
    const std::string whole =
        v1(R"(,"multiValueHeaders":{"A":["b"]},"body":"eHl6","isBase64Encoded":true)");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const unsigned flip : {0x01U, 0x20U, 0x80U}) {
        std::string broken = whole;
        broken[at] = static_cast<char>(static_cast<unsigned char>(broken[at]) ^ flip);
        const auto event = read_event(broken);
        if (event.ok()) continue;
        CHECK(event.error().text.substr(0, 6) == "http: ");
        CHECK(event.error().text.find('\n') == std::string::npos);
      }
    }
  }

  TEST_CASE("an event that is not a JSON object is refused, and its type is named") {
    CHECK(error_of("") == "http: read event: expected one JSON object, got nothing");
    CHECK(error_of("[]") == "http: read event: expected a JSON object, got another type");
    CHECK(error_of("null") == "http: read event: expected a JSON object, got another type");
    CHECK(error_of("{\"httpMethod\":}") ==
          "http: read event: expected one JSON object, got malformed JSON");
    CHECK(error_of("{\"httpMethod\":\"\xFF\"}") ==
          "http: read event: expected one JSON object, got bytes that are not UTF-8");
    CHECK(error_of(v1(R"(,"body":"\ud800")")) ==
          "http: read event: expected one JSON object, got JSON with an escape that is none, or "
          "half a surrogate pair");
  }

  TEST_CASE("an event of an unknown shape is refused with the list of known ones") {
    const std::string_view refusal =
        "http: read event: expected one of API Gateway, a function URL, ALB, WebSocket or VPC "
        "Lattice, got an object with the fields of none of them";
    CHECK(error_of("{}") == refusal);
    CHECK(error_of(R"({"Records":[{"eventSource":"aws:sqs","body":"x"}]})") == refusal);
    CHECK(error_of(R"({"version":"0","source":"aws.ec2","detail":{},"resources":[]})") == refusal);
    CHECK(error_of(R"({"warmer":true})") == refusal);
    CHECK(error_of(R"({"requestContext":{"connectionId":null},"httpMethod":null})") == refusal);
  }
}

}  // namespace
}  // namespace phork::http
