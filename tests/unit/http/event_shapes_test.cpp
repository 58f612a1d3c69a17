// SPDX-License-Identifier: MIT
//
// ALB, WebSocket and Lattice events; how shapes are recognized; the fields that each shape
// requires.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/http/event_reader.h"
#include "runtime/http/message.h"

namespace phork::http {
namespace {

Request request_of(std::string_view json, EventShape shape) {
  auto event = read_event(json);
  REQUIRE_MESSAGE(event.ok(), event.error().text);
  CHECK(event->shape == shape);
  return std::move(event).value().request;
}

std::string alb(std::string_view more) {
  return std::string(R"({"requestContext":{"elb":{"targetGroupArn":"arn:aws:x"}},)")
      .append(R"("httpMethod":"GET","path":"/a%20b","body":"","isBase64Encoded":false)")
      .append(more)
      .append("}");
}

std::string alb_client(std::string_view forwarded_for) {
  const auto json = alb(R"(,"headers":{"x-forwarded-for":")" + std::string(forwarded_for) + "\"}");
  return request_of(json, EventShape::kAlb).remote_address;
}

std::string websocket(std::string_view context, std::string_view more = "") {
  return std::string(R"({"requestContext":{"connectionId":"abc=",)")
      .append(R"("identity":{"sourceIp":"203.0.113.7"},"stage":"prod")")
      .append(context)
      .append("}")
      .append(more)
      .append("}");
}

std::string lattice(std::string_view more, std::string_view path = "/x") {
  return std::string(R"({"version":"2.0","method":"GET","requestContext":{)")
      .append(R"("serviceNetworkArn":"arn:aws:x"},"path":")")
      .append(path)
      .append("\"")
      .append(more)
      .append("}");
}

TEST_SUITE("event shapes") {
  TEST_CASE("an ALB event with single values gives a request") {
    const Request request =
        request_of(alb(R"(,"headers":{"host":"lb.example.org","cookie":"a=1; b=2"},)"
                       R"("queryStringParameters":{"q":"1"})"),
                   EventShape::kAlb);
    CHECK(request.method == "GET");
    CHECK(request.path == "/a%20b");
    CHECK(request.protocol == "HTTP/1.1");
    CHECK(request.stage.empty());
    CHECK(request.request_context == R"({"elb":{"targetGroupArn":"arn:aws:x"}})");
    CHECK(last_header(request.headers, "host") == "lb.example.org");
    CHECK(last_header(request.headers, "cookie") == "a=1; b=2");
  }

  TEST_CASE("an ALB event with lists keeps every value") {
    const Request request =
        request_of(alb(R"(,"multiValueHeaders":{"x-a":["1","2"],"cookie":["a=1","b=2"]},)"
                       R"("multiValueQueryStringParameters":{"q":["1","2"]})"),
                   EventShape::kAlbMultiValue);
    CHECK(request.headers ==
          std::vector<event::NameValue>{{"x-a", "1"}, {"x-a", "2"}, {"cookie", "a=1; b=2"}});
    CHECK(request.query_string == "q=1&q=2");
  }

  TEST_CASE("an ALB query is still encoded and is joined unchanged") {
    struct Row {
      std::string_view map;
      std::string_view query;
    };

    const std::vector<Row> rows = {
        {R"({"a[]":["1","2"]})", "a[]=1&a[]=2"},
        {R"({"a%5B%5D":["%2F"],"s":["a+b"]})", "a%5B%5D=%2F&s=a+b"},
        {R"({"n":["%00"],"e":[""]})", "n=%00&e="},
        {R"({"v":["abc123!%40%23%25"]})", "v=abc123!%40%23%25"},
    };
    for (const Row& row : rows) {
      const auto json = alb(R"(,"multiValueHeaders":{},"multiValueQueryStringParameters":)" +
                            std::string(row.map));
      CHECK(request_of(json, EventShape::kAlbMultiValue).query_string == row.query);
    }
    CHECK(request_of(alb(R"(,"queryStringParameters":{"a%5B%5D":"1","b":"x+y"})"), EventShape::kAlb)
              .query_string == "a%5B%5D=1&b=x+y");
  }

  TEST_CASE(
      "behind an ALB the client is the address that the load balancer added, not one that it "
      "received") {
    CHECK(alb_client("203.0.113.7") == "203.0.113.7");
    CHECK(alb_client("10.0.0.1, 203.0.113.7") == "203.0.113.7");
    CHECK(alb_client("127.0.0.1,  203.0.113.7 ") == "203.0.113.7");
    CHECK(alb_client("9.9.9.9, 10.0.0.1,203.0.113.7") == "203.0.113.7");
    CHECK(alb_client("1.1.1.1:80, 203.0.113.7:4711") == "203.0.113.7");
    CHECK(alb_client("2001:db8::7") == "2001:db8::7");
    CHECK(alb_client("[2001:db8::7]:4711") == "2001:db8::7");
    CHECK(alb_client("[2001:db8::7]") == "2001:db8::7");
    CHECK(alb_client("[broken") == "broken");
    CHECK(alb_client("").empty());
    CHECK(request_of(alb(""), EventShape::kAlb).remote_address.empty());
    CHECK(request_of(
              alb(R"(,"multiValueHeaders":{"X-Forwarded-For":["6.6.6.6","7.7.7.7, 8.8.8.8"]})"),
              EventShape::kAlbMultiValue)
              .remote_address == "8.8.8.8");
  }

  TEST_CASE("a WebSocket handshake is a GET with headers and query") {
    const Request request =
        request_of(websocket(R"(,"eventType":"CONNECT","routeKey":"$connect")",
                             R"(,"headers":{"Host":"w"},"multiValueHeaders":{"Host":["w"]},)"
                             R"("multiValueQueryStringParameters":{"token":["a b"]})"),
                   EventShape::kWebSocket);
    CHECK(request.method == "GET");
    CHECK(request.path == "/$connect");
    CHECK(request.query_string == "token=a%20b");
    CHECK(request.stage == "prod");
    CHECK(request.remote_address == "203.0.113.7");
    CHECK(last_header(request.headers, "host") == "w");
  }

  TEST_CASE("a WebSocket message is a POST to its route, and so is a disconnect") {
    const Request message = request_of(
        websocket(R"(,"eventType":"MESSAGE","routeKey":"send it")", R"(,"body":"{\"a\":1}")"),
        EventShape::kWebSocket);
    CHECK(message.method == "POST");
    CHECK(message.path == "/send%20it");
    CHECK(message.body == R"({"a":1})");
    CHECK(last_header(message.headers, "content-length") == "7");
    const Request end = request_of(
        websocket(R"(,"eventType":"DISCONNECT","routeKey":"$disconnect")"), EventShape::kWebSocket);
    CHECK(end.method == "POST");
    CHECK(end.path == "/$disconnect");
  }

  TEST_CASE("a Lattice event has headers and query as texts or as lists") {
    const Request request =
        request_of(lattice(R"(,"headers":{"Host":["svc"],"X-A":["1","2"],"x-b":"3",)"
                           R"("x-forwarded-for":["9.9.9.9, 10.1.2.3"]},)"
                           R"("queryStringParameters":{"a":["1","2"],"b":"x y%20z+"})"),
                   EventShape::kVpcLatticeV2);
    CHECK(request.headers[2] == event::NameValue{"x-a", "2"});
    CHECK(last_header(request.headers, "x-b") == "3");
    CHECK(request.query_string == "a=1&a=2&b=x%20y%20z+");
    CHECK(request.remote_address == "10.1.2.3");
  }

  TEST_CASE("a Lattice path is cut at its query") {
    const Request request =
        request_of(lattice(R"(,"queryStringParameters":{"a":["%2F"]})", "/x?a=%2F&b"),
                   EventShape::kVpcLatticeV2);
    CHECK(request.path == "/x");
    CHECK(request.query_string == "a=%2F&b");
  }

  TEST_CASE("the shape is recognized from the event alone") {
    struct Row {
      std::string_view json;
      EventShape shape;
    };

    const std::vector<Row> rows = {
        {R"({"httpMethod":"GET","path":"/"})", EventShape::kApiGatewayV1},
        {R"({"version":"1.0","httpMethod":"GET","path":"/"})", EventShape::kApiGatewayV1},
        {R"({"rawPath":"/","requestContext":{"http":{"method":"GET"}}})",
         EventShape::kApiGatewayV2},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"elb":{}},"headers":{}})",
         EventShape::kAlb},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"elb":{}},"multiValueHeaders":{}})",
         EventShape::kAlbMultiValue},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"elb":{}},"multiValueHeaders":null})",
         EventShape::kAlb},
        {R"({"requestContext":{"connectionId":"c","eventType":"MESSAGE","routeKey":"r"}})",
         EventShape::kWebSocket},
        {R"({"version":"2.0","method":"GET","path":"/"})", EventShape::kVpcLatticeV2},
    };
    for (const Row& row : rows) request_of(row.json, row.shape);
  }

  TEST_CASE("an error about a missing or mistyped field names it and the expected type") {
    struct Row {
      std::string_view json;
      std::string_view field;
      std::string_view reason;
    };

    constexpr std::string_view kNoString = "expected a string, got nothing";
    const std::vector<Row> rows = {
        // v1
        {R"({"httpMethod":7,"path":"/"})", "httpMethod", "expected a string, got a number"},
        {R"({"requestContext":{"resourcePath":"/"},"path":"/"})", "httpMethod", kNoString},
        {R"({"httpMethod":"GET","path":7})", "path", "expected a string, got a number"},
        {R"({"httpMethod":"GET","path":"/","headers":["a"]})", "headers",
         "expected an object, got an array"},
        {R"({"httpMethod":"GET","path":"/","headers":{"a":"1","content-length":{}}})",
         "headers.content-length", "expected a string, got an object"},
        {R"({"httpMethod":"GET","path":"/","headers":{"a":["1"]}})", "headers.a",
         "expected a string, got an array"},
        {R"({"httpMethod":"GET","path":"/","multiValueHeaders":{"a":"1"}})", "multiValueHeaders.a",
         "expected an array of strings, got a string"},
        {R"({"httpMethod":"GET","path":"/","multiValueHeaders":{"b":[],"X-A":["1",{}]}})",
         "multiValueHeaders.X-A", "expected an array of strings, got an object in the array"},
        {R"({"httpMethod":"GET","path":"/","queryStringParameters":{"a\n\u00e9 b":true}})",
         "queryStringParameters.a????b", "expected a string, got a boolean"},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"stage":{}}})", "requestContext.stage",
         "expected a string, got an object"},
        {R"({"httpMethod":"GET","path":"/","requestContext":"x"})", "requestContext",
         "expected an object, got a string"},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"identity":[1]}})",
         "requestContext.identity", "expected an object, got an array"},
        {R"({"httpMethod":"GET","path":"/","body":{"a":1}})", "body",
         "expected a string, got an object"},
        {R"({"httpMethod":"GET","path":"/","isBase64Encoded":"true"})", "isBase64Encoded",
         "expected a boolean, got a string"},
        // v2
        {R"({"rawPath":"/"})", "requestContext", "expected an object, got nothing"},
        {R"({"rawPath":"/","requestContext":{}})", "requestContext.http",
         "expected an object, got nothing"},
        {R"({"rawPath":"/","requestContext":{"http":{}}})", "requestContext.http.method",
         kNoString},
        {R"({"rawPath":"/","rawQueryString":{},"requestContext":{"http":{"method":"GET"}}})",
         "rawQueryString", "expected a string, got an object"},
        {R"({"rawPath":"/","cookies":"a=1","requestContext":{"http":{"method":"GET"}}})", "cookies",
         "expected an array, got a string"},
        {R"({"rawPath":"/","cookies":["a=1",[]],"requestContext":{"http":{"method":"GET"}}})",
         "cookies", "expected an array of strings, got an array in the array"},
        // ALB
        {R"({"path":"/","requestContext":{"elb":{}}})", "httpMethod", kNoString},
        {R"({"httpMethod":"GET","path":"/","requestContext":{"elb":{}},"multiValueHeaders":1})",
         "multiValueHeaders", "expected an object, got a number"},
        // WebSocket
        {R"({"requestContext":{"connectionId":"c","routeKey":"r"}})", "requestContext.eventType",
         kNoString},
        {R"({"requestContext":{"connectionId":"c","eventType":"MESSAGE"}})",
         "requestContext.routeKey", kNoString},
        // Lattice
        {R"({"path":"/","requestContext":{"serviceNetworkArn":"x"}})", "method", kNoString},
        {R"({"method":"GET","path":"/","headers":{"a":true}})", "headers.a",
         "expected a string or an array of strings, got a boolean"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.json);
      const auto event = read_event(row.json);
      REQUIRE_FALSE(event.ok());
      CHECK(event.error().kind == base::ErrorKind::kInvalid);
      CHECK(event.error().text ==
            "http: read event field '" + std::string(row.field) + "': " + std::string(row.reason));
    }
  }

  TEST_CASE("an event that a person wrote is taken without what gateways always send") {
    struct Row {
      std::string_view json;
      EventShape shape;
    };

    const std::vector<Row> rows = {
        {R"({"version":"1.0","httpMethod":"GET"})", EventShape::kApiGatewayV1},
        {R"({"httpMethod":"GET","path":null,"requestContext":[]})", EventShape::kApiGatewayV1},
        {R"({"requestContext":{"http":{"method":"GET"}}})", EventShape::kApiGatewayV2},
        {R"({"version":"2.0","rawPath":null,"requestContext":{"http":{"method":"GET"}},)"
         R"("cookies":[],"headers":[],"queryStringParameters":[]})",
         EventShape::kApiGatewayV2},
        {R"({"httpMethod":"GET","requestContext":{"elb":[]}})", EventShape::kAlb},
        {R"({"method":"GET","requestContext":{"serviceNetworkArn":"x"}})",
         EventShape::kVpcLatticeV2},
    };
    for (const Row& row : rows) {
      CAPTURE(row.json);
      const Request request = request_of(row.json, row.shape);
      CHECK(request.path == "/");
      CHECK(request.query_string.empty());
      CHECK(request.headers.empty());
      CHECK(request.body.empty());
    }
  }

  TEST_CASE("a v2 event has the path of its context, when it has no other") {
    CHECK(request_of(R"({"requestContext":{"http":{"method":"GET","path":"/a"}}})",
                     EventShape::kApiGatewayV2)
              .path == "/a");
  }

  TEST_CASE("a v2 event without rawQueryString has the query of its map") {
    const std::string begin = R"({"requestContext":{"http":{"method":"GET"}},)";
    const std::string map = R"("queryStringParameters":{"a":"1 2","b[]":"x&y","n":7,"no":null})";
    for (const char* raw : {"", R"("rawQueryString":null,)", R"("rawQueryString":"",)"}) {
      CHECK(request_of(begin + raw + map + "}", EventShape::kApiGatewayV2).query_string ==
            "a=1%202&b[]=x%26y&n=7");
    }
    CHECK(request_of(begin + R"("rawQueryString":"z=1",)" + map + "}", EventShape::kApiGatewayV2)
              .query_string == "z=1");
    CHECK(request_of(begin + R"("rawQueryString":17,)" + map + "}", EventShape::kApiGatewayV2)
              .query_string == "17");
  }

  TEST_CASE("numbers are texts as they are written, and null is nothing") {
    const Request request =
        request_of(R"({"httpMethod":"POST","path":"/","multiValueHeaders":[],)"
                   R"("headers":{"content-length":2,"x-a":-1.50,"x-n":null,"x-e":1e3 },)"
                   R"("multiValueQueryStringParameters":{"a":[1,null,"x"],"b":null},"body":12.0,)"
                   R"("requestContext":{"stage":1,"identity":{"sourceIp":null}}})",
                   EventShape::kApiGatewayV1);
    CHECK(request.headers ==
          std::vector<event::NameValue>{{"content-length", "4"}, {"x-a", "-1.50"}, {"x-e", "1e3"}});
    CHECK(request.query_string == "a=1&a=x");
    CHECK(request.body == "12.0");
    CHECK(request.stage == "1");
    CHECK_FALSE(read_event(R"({"httpMethod":"GET","headers":{"a":1.2.3}})").ok());
    CHECK_FALSE(read_event(R"({"httpMethod":"GET","headers":{"a":01}})").ok());
  }

  TEST_CASE("a load balancer's event may have either kind of map") {
    const Request lists = request_of(alb(R"(,"multiValueHeaders":[],"headers":{"a":"1"},)"
                                         R"("queryStringParameters":{"q":"%20"})"),
                                     EventShape::kAlbMultiValue);
    CHECK(last_header(lists.headers, "a") == "1");
    CHECK(lists.query_string == "q=%20");
    const Request texts =
        request_of(alb(R"(,"multiValueQueryStringParameters":{"q":["1","2"]})"), EventShape::kAlb);
    CHECK(texts.query_string == "q=1&q=2");
  }

  TEST_CASE("the question to an authorizer is no request, though it has all fields of one") {
    for (const std::string_view json :
         {R"({"type":"TOKEN","methodArn":"arn:aws:x","authorizationToken":"t"})",
          R"({"type":"REQUEST","methodArn":"arn:aws:x","httpMethod":"GET","path":"/"})",
          R"({"version":"1.0","type":"REQUEST","methodArn":"arn:aws:x","httpMethod":"GET",)"
          R"("path":"/","requestContext":{"resourcePath":"/"}})",
          R"({"version":"2.0","type":"REQUEST","routeArn":"arn:aws:x","rawPath":"/",)"
          R"("requestContext":{"http":{"method":"GET"}}})",
          R"({"type":"REQUEST","methodArn":"arn:aws:x","requestContext":{"connectionId":"c",)"
          R"("eventType":"CONNECT","routeKey":"$connect"}})"}) {
      CAPTURE(json);
      const auto event = read_event(json);
      REQUIRE_FALSE(event.ok());
      CHECK(event.error().text ==
            "http: read event: expected a web request, got the question of an API Gateway to its "
            "authorizer, which a handler of events has to answer");
    }
  }

  TEST_CASE("a body of invalid base64 is refused without being quoted") {
    const auto event =
        read_event(R"({"httpMethod":"GET","path":"/","body":"secret!!","isBase64Encoded":true})");
    REQUIRE_FALSE(event.ok());
    CHECK(event.error().text ==
          "base: decode base64 'body': expected a base64 digit at offset 6, got another character");
  }
}

}  // namespace
}  // namespace phork::http
