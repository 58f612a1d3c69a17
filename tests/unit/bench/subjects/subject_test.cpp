// SPDX-License-Identifier: MIT
#include "bench/subjects/subject.h"

#include <doctest/doctest.h>

using namespace phork::bench;

TEST_CASE("an HTTP answer is its status and its decoded body") {
  const Answer plain =
      read_answer(R"({"statusCode":404,"headers":{"a":"b"},"body":"not h\u00e9re"})");
  CHECK(plain.status == 404);
  CHECK(plain.body == "not h\xc3\xa9re");
  const Answer coded =
      read_answer(R"({"isBase64Encoded":true,"statusCode":200,"body":"aGVsbG8="})");
  CHECK(coded == Answer{200, "hello"});
  CHECK(read_answer(R"({"statusCode":204})") == Answer{204, ""});
}

TEST_CASE("an answer that is not an HTTP response is the body itself") {
  CHECK(read_answer(R"({"steps":12})") == Answer{200, R"({"steps":12})"});
  CHECK(read_answer("[1]") == Answer{200, "[1]"});
  CHECK(read_answer(R"({"statusCode":"many"})") == Answer{200, R"({"statusCode":"many"})"});
  CHECK(read_answer("no JSON") == Answer{200, "no JSON"});
}

TEST_CASE("a number is read from an answer that is an object") {
  CHECK(number_in({200, R"({"steps":12})"}, "steps") == 12);
  CHECK_FALSE(number_in({200, R"({"steps":"12"})"}, "steps").has_value());
  CHECK_FALSE(number_in({200, "[12]"}, "steps").has_value());
  CHECK_FALSE(number_in({200, "<html>"}, "steps").has_value());
}

TEST_CASE("an answer is good below status 500 and with the expected text in its body") {
  CHECK(check_answer({200, "Hello, Ada!"}, "Ada").ok());
  CHECK(check_answer({404, "Hello"}, "").ok());
  const auto wrong = check_answer({200, "secret"}, "Ada");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().text == "expected an answer that contains 'Ada', got 6 bytes without it");
  const auto failed = check_answer({500, "Ada"}, "Ada");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().text == "expected an answer with a status below 500, got 500");
}

TEST_CASE("an error becomes one short line") {
  CHECK(read_error(R"({"errorType":"LogicException","errorMessage":"no\nway","stackTrace":[]})") ==
        "LogicException: no");
  CHECK(read_error("<html>") == "an error without a message");
  const std::string long_message(1000, 'x');
  CHECK(read_error(R"({"errorType":"E","errorMessage":")" + long_message + R"("})").size() == 203);
}
