// SPDX-License-Identifier: MIT
#include "runtime/base/base64.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace phork::base {
namespace {

using namespace std::string_view_literals;

std::string encoded(std::string_view bytes) {
  std::string out(base64_size(bytes.size()), '\0');
  encode_base64(bytes, out.data());
  return out;
}

std::string refusal(std::string_view text) {
  const auto decoded = decode_base64(text, "body");
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().kind == ErrorKind::kInvalid);
  return decoded.error().text;
}

TEST_SUITE("base64") {
  TEST_CASE("the examples of RFC 4648 hold in both directions") {
    struct Row {
      std::string_view bytes;
      std::string_view text;
    };

    const std::vector<Row> rows = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFB\xFF\xBF"sv, "+/+/"},
        {"\0\0\0\0"sv, "AAAAAA=="},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      CHECK(encoded(row.bytes) == row.text);
      const auto decoded = decode_base64(row.text, "body");
      REQUIRE(decoded.ok());
      CHECK(decoded.value() == row.bytes);
    }
  }

  TEST_CASE("every byte survives the round trip at every position") {
    std::string bytes;
    for (int code = 0; code < 256; ++code) {
      bytes.push_back(static_cast<char>(code));
      for (std::size_t cut = 0; cut < 3 && cut <= bytes.size(); ++cut) {
        const std::string_view part = std::string_view(bytes).substr(cut);
        const auto decoded = decode_base64(encoded(part), "body");
        REQUIRE(decoded.ok());
        CHECK(decoded.value() == part);
      }
    }
  }

  TEST_CASE("a character outside the alphabet is refused at every position") {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int code = 0; code < 256; ++code) {
      const char c = static_cast<char>(code);
      for (std::size_t at = 0; at < 8; ++at) {
        CAPTURE(code);
        CAPTURE(at);
        std::string text = "AAAAAAAA";
        text[at] = c;
        const bool digit = kAlphabet.find(c) != std::string_view::npos;
        const bool padding = c == '=' && at == 7;
        CHECK(decode_base64(text, "body").ok() == (digit || padding));
      }
    }
  }

  TEST_CASE("text cut inside a group is refused") {
    const std::string whole = encoded("some bytes of a body");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK(decode_base64(whole.substr(0, size), "body").ok() == (size % 4 == 0));
    }
  }

  TEST_CASE("an error says what is wrong and where, without quoting the text") {
    CHECK(refusal("Zm9") ==
          "base: decode base64 'body': expected a multiple of 4 characters, got 3");
    CHECK(refusal("Zm9vZ!9v") ==
          "base: decode base64 'body': expected a base64 digit at offset 5, got another character");
    CHECK(refusal("Zg==Zm9v") ==
          "base: decode base64 'body': expected a base64 digit at offset 2, got padding");
    CHECK(refusal("Zg-=") ==
          "base: decode base64 'body': expected a base64 digit at offset 2, got another character");
    CHECK(refusal("====") ==
          "base: decode base64 'body': expected a base64 digit at offset 0, got padding");
    CHECK(refusal("Zh==") ==
          "base: decode base64 'body': expected zero bits before the padding, got others");
    CHECK(refusal("Zm9=") ==
          "base: decode base64 'body': expected zero bits before the padding, got others");
  }

  TEST_CASE("line breaks and the URL alphabet are refused") {
    CHECK_FALSE(decode_base64("Zm9v\nZm9", "body").ok());
    CHECK_FALSE(decode_base64("-_-_", "body").ok());
  }
}

}  // namespace
}  // namespace phork::base
