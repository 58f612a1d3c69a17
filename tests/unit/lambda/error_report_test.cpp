// SPDX-License-Identifier: MIT
#include "runtime/lambda/error_report.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {
namespace {

struct Read {
  std::string message;
  std::string type;
  std::vector<std::string> frames;
};

// Reads a body back. simdjson refuses invalid UTF-8, so this checks the encoding, too.
Read read_body(const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(body);
  Read read;
  read.message = std::string(json["errorMessage"].get_string().value());
  read.type = std::string(json["errorType"].get_string().value());
  const simdjson::dom::array frames = json["stackTrace"];
  for (const auto frame : frames) {
    read.frames.emplace_back(frame.get_string().value());
  }
  return read;
}

}  // namespace

TEST_SUITE_BEGIN("error report");

TEST_CASE("an error type that the platform accepts is sent unchanged") {
  for (const char* type : {"Runtime.PhpFatal", "Function.Timeout", "Runtime.X2", "Function.A_b"}) {
    CHECK(error_type_header(type) == type);
  }
}

TEST_CASE("any other error type is sent as Function, a dot and its name") {
  struct Case {
    std::string_view type;
    std::string_view header;
  };

  using namespace std::string_view_literals;
  for (const Case& expected :
       {Case{"RuntimeException", "Function.RuntimeException"},
        Case{"App\\Foo\\BarException", "Function.BarException"}, Case{"app\\foo", "Function.Foo"},
        Case{"Runtime.bad name", "Function.Badname"}, Case{"Runtime.", "Function.Unknown"},
        Case{"Function.X", "Function.Unknown"}, Case{"Runtimes.Good", "Function.Good"},
        Case{"App\\\xc3\x9c"
             "berlauf",
             "Function.Berlauf"},
        Case{"App\\Base@anonymous\0/var/task/a.php:3$0"sv, "Function.Base"},
        Case{"Evil\r\nX-Header: 1", "Function.EvilXHeader1"}, Case{"_private", "Function.Unknown"},
        Case{"", "Function.Unknown"}}) {
    CAPTURE(expected.type);
    CHECK(error_type_header(expected.type) == expected.header);
  }
}

TEST_CASE("an overlong class name is cut") {
  CHECK(error_type_header(std::string(10'000, 'A')) ==
        "Function." + std::string(kMaxErrorTypeBytes, 'A'));
}

TEST_CASE("a body holds message, true type and stack trace") {
  const Read read = read_body(error_body({"App\\E", "a \"b\" ü 🐘\n", {"#0 x", "#1 y"}}));
  CHECK(read.message == "a \"b\" ü 🐘\n");
  CHECK(read.type == "App\\E");
  CHECK(read.frames == std::vector<std::string>{"#0 x", "#1 y"});
}

TEST_CASE("a body that fits is not cut") {
  const event::Failure failure{"T", std::string(kMaxErrorBytes - 100, 'm'), {"frame"}};
  CHECK(read_body(error_body(failure)).message == failure.message);
}

TEST_CASE("a long message is cut between characters, whatever their length in bytes") {
  for (const char* character : {"m", "ü", "€", "🐘", "\x01", "\xff", "\"", "\xbf"}) {
    for (const char* prefix : {"", "a", "abc"}) {
      CAPTURE(character);
      std::string message = prefix;
      while (message.size() < 1'200'000) message += character;
      const std::string body = error_body({"T", message, {"kept"}});
      CHECK(body.size() <= kMaxErrorBytes);
      const Read read = read_body(body);
      CHECK(read.message.size() > 100'000);
      CHECK(read.message.ends_with(" [cut]"));
      CHECK(read.frames == std::vector<std::string>{"kept"});
      if (character[1] != '\0') CHECK(read.message.find("\xef\xbf\xbd") == std::string::npos);
    }
  }
}

TEST_CASE("a long stack trace is cut between frames and says how many are missing") {
  event::Failure failure{"T", "the message stays whole", {}};
  failure.stack_trace.assign(50'000, "#1 /var/task/vendor/deep/recursion.php(12): recurse()");
  const std::string body = error_body(failure);
  CHECK(body.size() <= kMaxErrorBytes);
  CHECK(body.size() > kMaxErrorBytes - 1000);
  const Read read = read_body(body);
  CHECK(read.message == failure.message);
  const std::size_t kept = read.frames.size() - 1;
  CHECK(read.frames.at(kept - 1) == failure.stack_trace[0]);
  CHECK(read.frames.at(kept) == "[" + std::to_string(50'000 - kept) + " more frames cut]");
}

TEST_CASE("the largest type, message and stack trace still fit") {
  event::Failure failure{std::string(2'000'000, '\x01'), std::string(2'000'000, '\x01'), {}};
  failure.stack_trace.assign(300, std::string(20'000, '\x01'));
  const std::string body = error_body(failure);
  CHECK(body.size() <= kMaxErrorBytes);
  CHECK(read_body(body).frames.size() > 1);
}

TEST_CASE("trailers stay within the API's limit, whatever the failure") {
  for (const std::string& text : {std::string(3, 'a'), std::string(5000, 'a'),
                                  std::string(5000, '\x01'), std::string(2'000'000, 'a')}) {
    CAPTURE(text.size());
    const std::string lines = error_trailers({text, text, {text, "#1", "#2"}});
    CHECK(lines.size() + 2 <= kMaxTrailerBytes);
    CHECK(lines.starts_with("Lambda-Runtime-Function-Error-Type: Function."));
    CHECK(lines.find("\r\nLambda-Runtime-Function-Error-Body: ey") != std::string::npos);
    CHECK(lines.ends_with("\r\n"));
  }
}

TEST_CASE("a body cut to the length of a trailer still has message, type and frames") {
  event::Failure failure{"App\\E", std::string(5000, 'm'), {}};
  failure.stack_trace.assign(100, "#1 /var/task/src/Deep.php(12): recurse()");
  const std::string body = error_body(failure, 2900);
  CHECK(body.size() <= 2900);
  const Read read = read_body(body);
  CHECK(read.message.size() > 1000);
  CHECK(read.type == "App\\E");
  CHECK(read.frames.size() > 10);
}

TEST_CASE("base64 in a trailer is padded to groups of four") {
  const auto encoded = [](const std::string& message) {
    std::string lines = error_trailers({"T", message, {}});
    return lines.substr(lines.find("Body: ") + 6);
  };
  CHECK(encoded("") == "eyJlcnJvck1lc3NhZ2UiOiIiLCJlcnJvclR5cGUiOiJUIiwic3RhY2tUcmFjZSI6W119\r\n");
  CHECK(encoded("a") ==
        "eyJlcnJvck1lc3NhZ2UiOiJhIiwiZXJyb3JUeXBlIjoiVCIsInN0YWNrVHJhY2UiOltdfQ==\r\n");
  CHECK(encoded("ab") ==
        "eyJlcnJvck1lc3NhZ2UiOiJhYiIsImVycm9yVHlwZSI6IlQiLCJzdGFja1RyYWNlIjpbXX0=\r\n");
}

TEST_SUITE_END();

}  // namespace phork::lambda
