// SPDX-License-Identifier: MIT
#include <chrono>
#include <limits>

#include <doctest/doctest.h>

#include "runtime/lambda/http_runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using testing::MockApi;
using namespace std::chrono_literals;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t deadline_ms(const event::Invocation& invocation) {
  return invocation.deadline.time_since_epoch().count();
}

bool is_fifteen_minutes_away(const event::Invocation& invocation) {
  constexpr std::int64_t kFifteenMinutes = 900'000;
  const std::int64_t away = deadline_ms(invocation) - now_ms();
  return away <= kFifteenMinutes && away > kFifteenMinutes - 10'000;
}

}  // namespace

TEST_SUITE_BEGIN("next");

TEST_CASE("every header of an event reaches the invocation") {
  MockApi mock;
  const std::string deadline = std::to_string(now_ms() + 3000);
  mock.next_headers = {
      {"Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"},
      {"lambda-runtime-invocation-id", "attempt-7"},
      {"Lambda-Runtime-Deadline-Ms", deadline},
      {"Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:1:function:f:live"},
      {"Lambda-Runtime-Trace-Id", "Root=1-5bef4de7;Parent=9a91;Sampled=0;Lineage=a:0|b:1"},
      {"Lambda-Runtime-Client-Context", R"({"custom":{"k":"v"}})"},
      {"Lambda-Runtime-Cognito-Identity", R"({"cognitoIdentityId":"i"})"},
      {"Lambda-Runtime-Aws-Tenant-Id", "tenant-9"}};
  mock.next_body = R"({"hello":"wörld"})";
  HttpRuntimeApi api(mock.endpoint());

  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->request_id == "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
  CHECK(got->invocation_id == "attempt-7");
  CHECK(std::to_string(deadline_ms(got.value())) == deadline);
  CHECK(got->function_arn == "arn:aws:lambda:eu-west-1:1:function:f:live");
  CHECK(got->trace_id == "Root=1-5bef4de7;Parent=9a91;Sampled=0;Lineage=a:0|b:1");
  CHECK(got->client_context == R"({"custom":{"k":"v"}})");
  CHECK(got->cognito_identity == R"({"cognitoIdentityId":"i"})");
  CHECK(got->tenant_id == "tenant-9");
  CHECK(got->event == R"({"hello":"wörld"})");
}

TEST_CASE("missing headers and empty headers are empty strings") {
  MockApi mock;
  SUBCASE("missing") {}
  SUBCASE("empty") {
    for (const char* name :
         {"Lambda-Runtime-Invocation-Id", "Lambda-Runtime-Deadline-Ms", "Lambda-Runtime-Trace-Id",
          "Lambda-Runtime-Invoked-Function-Arn", "Lambda-Runtime-Client-Context",
          "Lambda-Runtime-Cognito-Identity", "Lambda-Runtime-Aws-Tenant-Id"}) {
      mock.next_headers.emplace(name, "");
    }
  }
  HttpRuntimeApi api(mock.endpoint());

  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->request_id == "request-1");
  CHECK(got->invocation_id.empty());
  CHECK(got->function_arn.empty());
  CHECK(got->trace_id.empty());
  CHECK(got->client_context.empty());
  CHECK(got->cognito_identity.empty());
  CHECK(got->tenant_id.empty());
  CHECK(is_fifteen_minutes_away(got.value()));
}

TEST_CASE("percent signs in header values are kept") {
  MockApi mock;
  mock.next_headers = {{"Lambda-Runtime-Aws-Request-Id", "a%41%2Fb%"},
                       {"Lambda-Runtime-Client-Context", R"({"u":"%7B%22%0d%0aX: y %25"})"}};
  mock.next_body = "50% of %41";
  HttpRuntimeApi api(mock.endpoint());

  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->request_id == "a%41%2Fb%");
  CHECK(got->client_context == R"({"u":"%7B%22%0d%0aX: y %25"})");
  CHECK(got->event == "50% of %41");
}

TEST_CASE("an implausible deadline becomes the longest possible timeout") {
  MockApi mock;
  for (const char* text : {"soon", "12x", "-5", "0", "99999999999999999999", "1763617380000000"}) {
    CAPTURE(text);
    mock.next_headers = {{"Lambda-Runtime-Aws-Request-Id", "r"},
                         {"Lambda-Runtime-Deadline-Ms", text}};
    HttpRuntimeApi api(mock.endpoint());
    const auto got = api.next();
    REQUIRE(got.ok());
    CHECK(is_fifteen_minutes_away(got.value()));
  }
}

TEST_CASE("a deadline that has passed is kept") {
  MockApi mock;
  mock.next_headers.emplace("Lambda-Runtime-Deadline-Ms", "1542409706888");
  HttpRuntimeApi api(mock.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(deadline_ms(got.value()) == 1542409706888);
}

TEST_CASE("an event without a request id is invalid, and the error names the header") {
  MockApi mock;
  SUBCASE("missing") {
    mock.next_headers.clear();
  }
  SUBCASE("empty") {
    mock.next_headers = {{"Lambda-Runtime-Aws-Request-Id", ""}};
  }
  HttpRuntimeApi api(mock.endpoint());
  const auto got = api.next();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::kInvalid);
  CHECK(got.error().text.find("Lambda-Runtime-Aws-Request-Id") != std::string::npos);
}

TEST_CASE("a status other than 200 is a refusal that names status and error type") {
  MockApi mock;
  mock.next_body = R"({"errorMessage":"m","errorType":"InvalidStateTransition"})";
  for (const int status : {403, 404, 500, 202}) {
    mock.next_status = status;
    HttpRuntimeApi api(mock.endpoint());
    const auto got = api.next();
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kRefused);
    CHECK(got.error().text == "lambda: next '" + mock.endpoint().text() +
                                  "': expected status 200, got " + std::to_string(status) +
                                  " InvalidStateTransition");
    CHECK(mock.connections() >= 1);
  }
  CHECK(mock.requests().size() == 4);
}

TEST_CASE("the error text quotes only a plain error type of the server") {
  MockApi mock;
  mock.next_status = 500;
  for (const char* body : {"", "not json", "[1]", R"({"errorType":7})",
                           R"({"errorType":"two\nlines"})", R"({"errorType":"a secret"})"}) {
    CAPTURE(body);
    mock.next_body = body;
    HttpRuntimeApi api(mock.endpoint());
    const auto got = api.next();
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().text ==
          "lambda: next '" + mock.endpoint().text() + "': expected status 200, got 500");
  }
}

TEST_CASE("an event of 6 MiB arrives complete") {
  MockApi mock;
  mock.next_body.assign(std::size_t{6} << 20U, 'x');
  mock.next_body[5'000'000] = '\0';
  HttpRuntimeApi api(mock.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->event == mock.next_body);
}

TEST_CASE("an event of zero bytes is an event") {
  MockApi mock;
  mock.next_body.clear();
  HttpRuntimeApi api(mock.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->event.empty());
}

TEST_CASE("a hundred events use one connection, and every call names the runtime") {
  MockApi mock;
  HttpRuntimeApi api(mock.endpoint());
  for (int i = 0; i < 100; ++i) {
    const auto got = api.next();
    REQUIRE(got.ok());
    REQUIRE(api.respond(got.value(), {"{}"}).ok());
  }
  CHECK(mock.connections() == 1);
  const auto requests = mock.requests();
  CHECK(requests.size() == 200);
  for (const auto& request : requests) {
    CHECK(request.header("User-Agent") == "aws-lambda-phork/" PHORK_VERSION);
  }
}

TEST_SUITE_END();

}  // namespace phork::lambda
