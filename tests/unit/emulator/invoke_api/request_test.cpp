// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/request.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/invoke_api/function_name.h"

using namespace phork::emulator;
using phork::event::NameValue;

namespace {

constexpr const char* kArn = "arn:aws:lambda:us-east-1:123456789012:function:orders";

HttpRequest invocation(const std::string& name, std::vector<NameValue> headers = {},
                       std::string body = "{}") {
  HttpRequest request;
  request.method = "POST";
  request.target = "/2015-03-31/functions/" + name + "/invocations";
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

HttpRequest streamed(std::vector<NameValue> headers = {}) {
  HttpRequest request = invocation("orders", std::move(headers));
  request.target = "/2021-11-15/functions/orders/response-streaming-invocations";
  return request;
}

InvokeOrRefusal read(HttpRequest request) {
  FunctionConfig config;
  config.name = "orders";
  return read_invoke(std::move(request), config);
}

InvokeRequest asked(HttpRequest request) {
  InvokeOrRefusal result = read(std::move(request));
  if (const HttpReply* refusal = std::get_if<HttpReply>(&result)) FAIL(refusal->body);
  return std::get<InvokeRequest>(std::move(result));
}

// "404 ResourceNotFoundException"
std::string refusal(HttpRequest request) {
  const InvokeOrRefusal result = read(std::move(request));
  const HttpReply* reply = std::get_if<HttpReply>(&result);
  REQUIRE(reply != nullptr);
  const auto type = std::ranges::find(reply->headers, "X-Amzn-ErrorType", &NameValue::name);
  REQUIRE(type != reply->headers.end());
  return std::to_string(reply->status) + " " + type->value;
}

// The message, with either spelling of its key.
std::string explanation(HttpRequest request) {
  const InvokeOrRefusal result = read(std::move(request));
  const std::string& body = std::get<HttpReply>(result).body;
  CHECK(body.starts_with(R"({"Type":"User",)"));
  const std::string key = R"(essage":")";
  const std::size_t begin = body.find(key) + key.size();
  return body.substr(begin, body.rfind('"') - begin);
}

}  // namespace

TEST_SUITE("invoke request") {
  TEST_CASE("a function name is read in each of Lambda's forms") {
    for (const std::string& name :
         {std::string("orders"), std::string("123456789012:function:orders"), std::string(kArn),
          std::string("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aorders")}) {
      CAPTURE(name);
      CHECK(asked(invocation(name)).event.function_arn.empty());
      CHECK(asked(invocation(name + ":$LATEST")).event.function_arn ==
            std::string(kArn) + ":$LATEST");
      CHECK(refusal(invocation(name + ":7")) == "404 ResourceNotFoundException");
    }
    HttpRequest by_query = invocation("orders");
    by_query.target += "?Qualifier=%24LATEST";
    CHECK(asked(by_query).event.function_arn == std::string(kArn) + ":$LATEST");
  }

  TEST_CASE("the error of an unknown function names it as Lambda does") {
    CHECK(refusal(invocation("bills")) == "404 ResourceNotFoundException");
    CHECK(explanation(invocation("bills:3")) ==
          "Function not found: arn:aws:lambda:us-east-1:123456789012:function:bills:3");
    const std::string other = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    CHECK(explanation(invocation(other)) == "Function not found: " + other);
    CHECK(refusal(invocation("111111111111:function:orders")) == "404 ResourceNotFoundException");
  }

  TEST_CASE("malformed names and contradicting qualifiers are refused") {
    for (const char* name :
         {"a%20b", "orders:", "orders:a:b", "arn:aws:lambda:orders",
          "arn:aws:s3:us-east-1:123456789012:function:orders", "123456789012:orders", "%C3%A9"}) {
      CAPTURE(name);
      CHECK(refusal(invocation(name)) == "400 ValidationException");
    }
    HttpRequest twice = invocation("orders:$LATEST");
    twice.target += "?x=1&Qualifier=3";
    CHECK(refusal(twice) == "400 InvalidParameterValueException");
    HttpRequest odd = invocation("orders");
    odd.target += "?Qualifier=a/b";
    CHECK(refusal(odd) == "400 ValidationException");
  }

  TEST_CASE("twelve digits may be a name") {
    const auto named = parse_function_name("123456789012");
    REQUIRE(named);
    CHECK(named->name == "123456789012");
    CHECK(named->account.empty());
  }

  TEST_CASE("other paths and methods are not served") {
    for (const char* target :
         {"/2015-03-31/functions", "/2015-03-31/functions/", "/2015-03-31/functions//invocations",
          "/2015-03-31/functions/invocations", "/2015-03-31/functions/orders",
          "/2015-03-31/functions/orders/aliases/invocations", "/2015-03-31/",
          "/2015-03-31/functions/orders/response-streaming-invocations",
          "/2021-11-15/functions/orders/invocations"}) {
      CAPTURE(target);
      CHECK(is_invoke_path(target));
      HttpRequest request = invocation("orders");
      request.target = target;
      CHECK(refusal(request) == "404 UnknownOperationException");
    }
    CHECK_FALSE(is_invoke_path("/orders"));
    HttpRequest get = invocation("orders");
    get.method = "GET";
    CHECK(refusal(get) == "405 MethodNotAllowedException");
  }

  TEST_CASE("invocation type and log type are read, and unknown ones are refused") {
    CHECK(asked(invocation("orders")).type == InvocationType::kRequestResponse);
    const std::string type = "x-amz-invocation-type";
    CHECK(asked(invocation("orders", {{type, "Event"}})).type == InvocationType::kEvent);
    CHECK(asked(invocation("orders", {{type, "DryRun"}})).type == InvocationType::kDryRun);
    CHECK(refusal(invocation("orders", {{type, "event"}})) == "400 ValidationException");
    const std::string log = "x-amz-log-type";
    CHECK(asked(invocation("orders", {{log, "Tail"}})).log_tail);
    CHECK_FALSE(asked(invocation("orders", {{log, "None"}})).log_tail);
    CHECK_FALSE(asked(invocation("orders", {{log, "Tail"}, {type, "Event"}})).log_tail);
    CHECK(refusal(invocation("orders", {{log, "Head"}})) == "400 ValidationException");
  }

  TEST_CASE("a streamed call is synchronous or a dry run") {
    CHECK(asked(streamed()).streamed);
    CHECK_FALSE(asked(invocation("orders")).streamed);
    CHECK(asked(streamed({{"x-amz-invocation-type", "DryRun"}})).type == InvocationType::kDryRun);
    CHECK(refusal(streamed({{"x-amz-invocation-type", "Event"}})) == "400 ValidationException");
  }

  TEST_CASE("a caller's request id is kept when it is a UUID, and generated when absent") {
    const std::string id = "0e4d6a30-63f1-4f0e-8b0f-30f4b1a2c3d4";
    CHECK(asked(invocation("orders", {{"x-amzn-requestid", id}})).event.request_id == id);
    CHECK(asked(invocation("orders")).event.request_id.size() == id.size());
    CHECK(refusal(invocation("orders", {{"x-amzn-requestid", "mine"}})) ==
          "400 ValidationException");
    CHECK(refusal(invocation("orders", {{"x-amzn-requestid", std::string(36, '0')}})) ==
          "400 ValidationException");
  }

  TEST_CASE("a caller's trace is passed on unchanged") {
    const std::string trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0;Lineage=a:0";
    CHECK(asked(invocation("orders", {{"x-amzn-trace-id", trace}})).event.trace_id == trace);
    CHECK(asked(invocation("orders", {{"x-amzn-trace-id", "-"}}))
              .event.trace_id.starts_with("Root=1-"));
  }

  TEST_CASE("a client context reaches only synchronous events") {
    const std::string name = "x-amz-client-context";
    const std::string encoded = "eyJjdXN0b20iOnt9fQ==";
    CHECK(asked(invocation("orders", {{name, encoded}})).event.client_context ==
          R"({"custom":{}})");
    CHECK(asked(invocation("orders", {{name, encoded}, {"x-amz-invocation-type", "Event"}}))
              .event.client_context.empty());
    for (const std::string& bad : {std::string("%"), std::string("W10="), std::string("e30")}) {
      CAPTURE(bad);
      CHECK(refusal(invocation("orders", {{name, bad}})) == "400 InvalidRequestContentException");
    }
    CHECK(refusal(invocation("orders", {{name, std::string(3584, 'A')}})) ==
          "400 InvalidRequestContentException");
  }

  TEST_CASE("a valid tenant id is passed on") {
    CHECK(asked(invocation("orders", {{"x-amz-tenant-id", "a.b/c=d"}})).event.tenant_id ==
          "a.b/c=d");
    CHECK(refusal(invocation("orders", {{"x-amz-tenant-id", "a;b"}})) == "400 ValidationException");
    CHECK(refusal(invocation("orders", {{"x-amz-tenant-id", std::string(257, 'a')}})) ==
          "400 ValidationException");
  }

  TEST_CASE("the event is any JSON value, byte for byte; without one it is an empty object") {
    for (const std::string& body :
         {std::string("{\"a\": 1.50}"), std::string("null"), std::string(" [1] "),
          std::string("\"\\u00e9\""), std::string("7")}) {
      CHECK(asked(invocation("orders", {}, body)).event.payload == body);
    }
    CHECK(asked(invocation("orders", {}, "")).event.payload == "{}");
    for (const char* body : {"{", "{'a':1}", "{} {}", "a=1", " ", "\"\xff\""}) {
      CAPTURE(body);
      CHECK(refusal(invocation("orders", {}, body)) == "400 InvalidRequestContentException");
    }
    HttpRequest cut = invocation("orders");
    cut.body_truncated = true;
    CHECK(refusal(cut) == "400 InvalidRequestContentException");
  }

  TEST_CASE("the content types of SDKs and curl are accepted, other formats are not") {
    for (const char* type : {"application/json", "application/json; charset=utf-8",
                             "application/octet-stream", "Application/CloudEvents+JSON",
                             "application/x-amz-json-1.1", "application/x-www-form-urlencoded"}) {
      CAPTURE(type);
      CHECK(asked(invocation("orders", {{"content-type", type}})).event.payload == "{}");
    }
    for (const char* type : {"text/plain", "application/xml", "multipart/form-data; boundary=x"}) {
      CAPTURE(type);
      CHECK(refusal(invocation("orders", {{"content-type", type}})) ==
            "415 UnsupportedMediaTypeException");
    }
  }

  TEST_CASE("a page may send no type that it could send to a server of another site") {
    const NameValue origin{"origin", "http://127.0.0.1:8000"};
    const NameValue fetch{"sec-fetch-site", "same-origin"};
    for (const char* type :
         {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "",
          "text/plain; application/json"}) {
      for (const NameValue& header : {origin, fetch}) {
        CAPTURE(type);
        CHECK(refusal(invocation("orders", {{"content-type", type}, header})) ==
              "415 UnsupportedMediaTypeException");
      }
    }
    CHECK(refusal(invocation("orders", {origin})) == "415 UnsupportedMediaTypeException");
    CHECK(asked(invocation("orders", {{"content-type", "application/json"}, origin, fetch}))
              .event.payload == "{}");
  }

  TEST_CASE("an event is too large above 6 MiB, an asynchronous one above 1 MiB") {
    const auto text_of = [](std::size_t bytes) { return '"' + std::string(bytes - 2, 'x') + '"'; };
    const std::vector<NameValue> as_event{{"x-amz-invocation-type", "Event"}};
    CHECK(asked(invocation("orders", as_event, text_of(1'048'576))).event.payload.size() ==
          1'048'576);
    CHECK(refusal(invocation("orders", as_event, text_of(1'048'577))) ==
          "413 RequestTooLargeException");
    CHECK(asked(invocation("orders", {}, text_of(6'291'456))).event.payload.size() == 6'291'456);
    HttpRequest dropped = invocation("orders");
    dropped.body_too_large = true;
    CHECK(explanation(dropped) ==
          "Request must be smaller than 6291456 bytes for the InvokeFunction operation");
  }
}
