// SPDX-License-Identifier: MIT
//
// Events and answers of exactly Lambda's limits, byte for byte, and one byte more. Real bootstrap,
// real PHP, every strategy.
#include <string>

#include <doctest/doctest.h>

#include "emulator/runtime_api/server.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using emulator::kMaxEventBytes;
using emulator::kMaxResponseBytes;
using testing::HttpCall;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

const std::string kImage = "image/png";  // makes the answer base64

RuntimeOptions options_of(const std::string& strategy, const std::string& handler) {
  RuntimeOptions options;
  options.task_root = testing::source_path("tests/fixtures/scripts");
  options.handler = handler;
  options.strategy = strategy;
  options.timeout = std::chrono::seconds(30);
  return options;
}

// Text with every kind of character that JSON escapes, and others that it must not escape.
std::string text_of(std::size_t bytes) {
  const std::string line = "line \"quoted\" \\ /\t\x01 \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\r\n";
  std::string text;
  while (text.size() + line.size() <= bytes) text += line;
  return text.append(bytes - text.size(), '.');
}

std::string binary_of(std::size_t bytes) {
  std::string binary(bytes, '\0');
  std::uint32_t state = 2'463'534'242;
  for (char& byte : binary) {
    state = state * 1'664'525 + 1'013'904'223;
    byte = static_cast<char>(state >> 24U);
  }
  return binary;
}

HttpCall post(const std::string& type, std::string body) {
  return {"POST", "/", {{"Host", "shop.example"}, {"Content-Type", type}}, std::move(body)};
}

std::string first_header(const HttpReply& reply, const std::string& lower_name) {
  const auto values = testing::header_values(reply.headers, lower_name);
  return values.empty() ? "" : values.front();
}

void check_echo(Runtime& runtime, const HttpCall& call) {
  const std::string event = testing::http_event(call);
  CAPTURE(event.size());
  REQUIRE(event.size() <= kMaxEventBytes);
  const auto result = runtime.invoke(event);
  REQUIRE_MESSAGE(result.answered(), result.body);
  const HttpReply reply = testing::http_reply(result);
  CHECK(reply.status == 200);
  CHECK(first_header(reply, "x-length") == std::to_string(call.body.size()));
  const bool same = reply.body == call.body;
  CHECK(same);
}

// The result of an event: the length of the answer that Lambda got, or the error.
struct Answered {
  bool answered;
  std::size_t bytes;
  std::string error;
};

// Asks for a body of `count` bytes.
Answered ask_for(Runtime& runtime, const std::string& type, std::size_t count) {
  const HttpCall get{"GET", "/?type=" + type + "&count=" + std::to_string(count), {}, ""};
  const auto result = runtime.invoke(testing::http_event(get));
  if (!result.answered()) return {false, 0, result.body};
  const bool same =
      testing::http_reply(result).body == std::string(count, type == kImage ? '\xff' : 'x');
  CHECK(same);
  return {true, result.body.size(), ""};
}

void check_too_large(const std::string& error) {
  CHECK(Json(error).text("errorType") == "Function.ResponseSizeTooLarge");
  CHECK_MESSAGE(Json(error).text("errorMessage").find("6291556") != std::string::npos, error);
}

}  // namespace

TEST_SUITE("sizes") {
  TEST_CASE("bodies near the limit of an event come back unchanged") {
    // An event of 6 MB has less room for a body: JSON escapes text, and other bytes are base64.
    const HttpCall text = post("text/plain; charset=utf-8", text_of(4'600'000));
    const HttpCall binary = post("application/octet-stream", binary_of(4'700'000));
    const HttpCall json =
        post("application/json", "{\"text\":\"" + std::string(6'200'000, 'j') + "\"}");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "size.php"));
      check_echo(runtime, text);
      check_echo(runtime, binary);
      check_echo(runtime, json);
      check_echo(runtime, post("text/plain", ""));
      check_echo(runtime, post("application/octet-stream", std::string(1, '\0')));
    }
  }

  TEST_CASE(
      "an event of exactly the limit reaches a handler, and an answer of that size is accepted") {
    const std::string frame = R"({"text":""})";
    const std::string event =
        R"({"text":")" + std::string(kMaxEventBytes - frame.size(), 'e') + "\"}";
    REQUIRE(event.size() == kMaxEventBytes);
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "size_handler.php"));
      const auto result = runtime.invoke(event);
      REQUIRE_MESSAGE(result.answered(), result.body);
      const bool same = result.body == event;
      CHECK(same);
    }
  }

  TEST_CASE("a handler's answer at the limit is accepted, one byte more is a clear error") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "size_handler.php"));
      const auto ask = [&](std::size_t json_bytes) {
        return runtime.invoke(R"({"count":)" + std::to_string(json_bytes - 2) + "}");
      };
      const auto most = ask(kMaxResponseBytes);
      REQUIRE_MESSAGE(most.answered(), most.body);
      CHECK(most.body.size() == kMaxResponseBytes);
      const auto over = ask(kMaxResponseBytes + 1);
      REQUIRE_FALSE(over.answered());
      check_too_large(over.body);
      const auto far_over = ask(4 * kMaxResponseBytes);
      REQUIRE_FALSE(far_over.answered());
      check_too_large(far_over.body);
      CHECK(ask(100).answered());
    }
  }

  TEST_CASE("a response at the limit is accepted, one byte more is a clear error") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "size.php"));
      // The bytes around the body, the same for every length.
      const std::size_t frame = ask_for(runtime, "text/plain", 1000).bytes - 1000;
      const std::size_t most = kMaxResponseBytes - frame;
      CHECK(ask_for(runtime, "text/plain", most).bytes == kMaxResponseBytes);
      const Answered over = ask_for(runtime, "text/plain", most + 1);
      REQUIRE_FALSE(over.answered);
      check_too_large(over.error);
      CHECK(ask_for(runtime, "text/plain", 10).answered);
    }
  }

  TEST_CASE("a binary response counts with the length of its base64") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "size.php"));
      const std::size_t frame = ask_for(runtime, kImage, 3000).bytes - 4000;
      const std::size_t most = (kMaxResponseBytes - frame) / 4 * 3;
      const Answered longest = ask_for(runtime, kImage, most);
      CHECK(longest.answered);
      CHECK(longest.bytes + 3 >= kMaxResponseBytes);
      const Answered over = ask_for(runtime, kImage, most + 1);
      REQUIRE_FALSE(over.answered);
      check_too_large(over.error);
    }
  }
}
