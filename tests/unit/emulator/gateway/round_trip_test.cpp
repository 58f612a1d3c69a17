// SPDX-License-Identifier: MIT
//
// Every payload format of the emulator against the runtime's reader and writer for it: an HTTP
// request and response must survive both.
#include <array>
#include <set>

#include <doctest/doctest.h>

#include "runtime/http/answer_writer.h"
#include "runtime/http/event_reader.h"
#include "runtime/http/message.h"
#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using event::NameValue;
using http::EventShape;

struct Format {
  std::string_view name;
  EventShape shape;
  bool keeps_repeated_headers;
  bool keeps_repeated_parameters;
  bool keeps_cookies_apart;
  bool keeps_path;  // byte for byte
};

constexpr std::array kFormats = {
    Format{"v2", EventShape::kApiGatewayV2, false, true, true, false},
    Format{"url", EventShape::kApiGatewayV2, false, true, true, true},
    Format{"v1", EventShape::kApiGatewayV1, true, true, true, true},
    Format{"alb", EventShape::kAlb, false, false, false, true},
    Format{"alb-multi", EventShape::kAlbMultiValue, true, true, true, true},
    Format{"lattice", EventShape::kVpcLatticeV2, true, true, false, true},
};

const Payload& payload(const Format& format) {
  const Payload* found = find_payload(format.name);
  REQUIRE(found != nullptr);
  return *found;
}

http::Request carried(const Format& format, const HttpRequest& from) {
  const std::string event = payload(format).make_event(from, kGateway);
  CAPTURE(event);
  auto read = http::read_event(event);
  REQUIRE_MESSAGE(read.ok(), read.error().text);
  CHECK(read->shape == format.shape);
  return std::move(read).value().request;
}

HttpReply carried(const Format& format, const http::Response& from) {
  return payload(format).make_reply(answered(http::write_answer(from, format.shape)));
}

std::vector<std::string> values(const std::vector<NameValue>& headers, std::string_view name) {
  std::vector<std::string> found;
  for (const NameValue& header : headers) {
    if (header.name == name) found.push_back(header.value);
  }
  return found;
}

TEST_SUITE("payload round trip") {
  TEST_CASE("every payload has a unique name and is found by it") {
    std::set<std::string_view> names;
    for (const Payload& each : payloads()) {
      names.insert(each.name);
      CHECK(find_payload(each.name) == &each);
    }
    CHECK(names.size() == payloads().size());
    CHECK(payloads().size() == kFormats.size());
    CHECK(payloads().front().name == "v2");
    CHECK(find_payload("v3") == nullptr);
    CHECK(find_payload("") == nullptr);
  }

  TEST_CASE("method, path, protocol and client arrive through every payload") {
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      const http::Request made = carried(format, request("DELETE", "/a%20b/caf%C3%A9"));
      CHECK(made.method == "DELETE");
      CHECK(made.path == "/a%20b/caf%C3%A9");
      CHECK(made.protocol == "HTTP/1.1");
      CHECK(made.remote_address == "127.0.0.1");
      CHECK(carried(format, request("GET", "/a%2Fb")).path ==
            (format.keeps_path ? "/a%2Fb" : "/a/b"));
    }
  }

  TEST_CASE("the query arrives through every payload as far as it can carry it") {
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      CHECK(carried(format, request("GET", "/?a=%2F%26&b=&c=x%20y")).query_string ==
            "a=%2F%26&b=&c=x%20y");
      CHECK(carried(format, request("GET", "/?a[]=1&a[]=2")).query_string ==
            (format.keeps_repeated_parameters ? "a[]=1&a[]=2" : "a[]=2"));
      CHECK(carried(format, request("GET", "/")).query_string.empty());
    }
  }

  TEST_CASE("headers arrive through every payload as far as it can carry them") {
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      const http::Request made = carried(
          format,
          request("GET", "/", {{"x-a", "1"}, {"x-a", "2"}, {"x-b", "\xC3\xA9\""}, {"x-c", ""}}));
      const auto repeated = values(made.headers, "x-a");
      if (format.keeps_repeated_headers) {
        CHECK(repeated == std::vector<std::string>{"1", "2"});
      } else {
        CHECK(repeated == std::vector<std::string>{format.shape == EventShape::kAlb ? "2" : "1,2"});
      }
      CHECK(values(made.headers, "x-b") == std::vector<std::string>{"\xC3\xA9\""});
      CHECK(values(made.headers, "x-c") == std::vector<std::string>{""});
      CHECK(values(made.headers, "x-forwarded-proto") == std::vector<std::string>{"http"});
    }
  }

  TEST_CASE("cookies arrive through every payload as one header") {
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      const http::Request made = carried(format, request("GET", "/", {{"cookie", "a=1; b=%3B"}}));
      CHECK(values(made.headers, "cookie") == std::vector<std::string>{"a=1; b=%3B"});
    }
  }

  TEST_CASE("bodies of all kinds arrive through every payload") {
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes.push_back(static_cast<char>(byte));
    const std::vector<NameValue> bodies = {
        {"application/json", "{\"a\":\"\xC3\xA9\\n\"}"},
        {"application/x-www-form-urlencoded", "a=1&b=%20"},
        {"multipart/form-data; boundary=x", "--x\r\n\r\n\xff\r\n--x--\r\n"},
        {"text/plain", all_bytes},
        {"image/png", all_bytes},
        {"text/plain", ""},
    };
    for (const Format& format : kFormats) {
      for (const NameValue& typed : bodies) {
        const std::string& type = typed.name;
        const std::string& body = typed.value;
        CAPTURE(format.name);
        CAPTURE(type);
        const http::Request made =
            carried(format, request("POST", "/", {{"content-type", type}}, body));
        CHECK(made.body == body);
        CHECK(values(made.headers, "content-type") == std::vector<std::string>{type});
        CHECK(values(made.headers, "content-length") ==
              std::vector<std::string>{std::to_string(body.size())});
      }
    }
  }

  TEST_CASE("a response comes back through every payload") {
    http::Response response{418, {}, "<p>\xC3\xA9\"\n"};
    response.headers = {{"Content-Type", "text/html; charset=UTF-8"},
                        {"Set-Cookie", "a=1; Path=/"},
                        {"X-A", "1, 2"},
                        {"Set-Cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"}};
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      const HttpReply reply = carried(format, response);
      CHECK(reply.status == 418);
      CHECK(reply.body == response.body);
      CHECK(values(reply.headers, "x-a") == std::vector<std::string>{"1, 2"});
      CHECK(values(reply.headers, "content-type") ==
            std::vector<std::string>{"text/html; charset=UTF-8"});
      const auto cookies = values(reply.headers, "set-cookie");
      if (format.keeps_cookies_apart) {
        CHECK(cookies == std::vector<std::string>{"a=1; Path=/",
                                                  "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"});
      } else {
        CHECK(cookies == std::vector<std::string>{"b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"});
      }
    }
  }

  TEST_CASE("a binary body comes back through every payload") {
    std::string bytes;
    for (int byte = 255; byte >= 0; --byte) bytes.push_back(static_cast<char>(byte));
    const http::Response response{200, {{"Content-Type", "application/pdf"}}, bytes};
    for (const Format& format : kFormats) {
      CAPTURE(format.name);
      CHECK(carried(format, response).body == bytes);
      CHECK(carried(format, http::Response{304, {}, {}}).status == 304);
      CHECK(carried(format, http::Response{204, {}, {}}).body.empty());
    }
  }
}

}  // namespace
}  // namespace phork::emulator
