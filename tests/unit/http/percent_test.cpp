// SPDX-License-Identifier: MIT
#include "runtime/http/percent.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace phork::http {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view given;
  std::string_view expected;
};

TEST_SUITE("percent-encoding") {
  TEST_CASE("a path keeps the characters allowed in it and escapes the rest") {
    const std::vector<Row> rows = {
        {"/", "/"},
        {"", "/"},
        {"hello", "/hello"},
        {"/a-b._~!$&'()*+,;=:@/c", "/a-b._~!$&'()*+,;=:@/c"},
        {"/a b", "/a%20b"},
        {"/a?b#c", "/a%3Fb%23c"},
        {"/[x]{y}|\\^`\"<>", "/%5Bx%5D%7By%7D%7C%5C%5E%60%22%3C%3E"},
        {"/caf\xC3\xA9", "/caf%C3%A9"},
        {"/\0\r\n\x7F"sv, "/%00%0D%0A%7F"},
        {"//double//slash", "//double//slash"},
    };
    for (const Row& row : rows) CHECK(encode_path(row.given) == row.expected);
  }

  TEST_CASE("an escape in a path is kept, a lone percent sign is escaped") {
    const std::vector<Row> rows = {
        {"/a%20b", "/a%20b"}, {"/a%2Fb%2f", "/a%2Fb%2f"}, {"/100%", "/100%25"},
        {"/%4", "/%254"},     {"/%zz", "/%25zz"},         {"/%%41", "/%25%41"},
    };
    for (const Row& row : rows) CHECK(encode_path(row.given) == row.expected);
  }

  TEST_CASE(
      "an escape cut off by the end is a lone percent sign; bytes behind the text are not read") {
    CHECK(encode_path("/%41"sv.substr(0, 3)) == "/%254");
    CHECK(encode_path("/%41"sv.substr(0, 2)) == "/%25");
  }

  TEST_CASE("encoding a path twice changes nothing") {
    for (const std::string_view path : {"/a b%", "/%zz?", "/caf\xC3\xA9"}) {
      const std::string once = encode_path(path);
      CHECK(encode_path(once) == once);
    }
  }

  TEST_CASE("decoded query text is escaped except for unreserved characters and brackets") {
    const std::vector<Row> rows = {
        {"", ""},
        {"a[b][]", "a[b][]"},
        {"a b", "a%20b"},
        {"a+b", "a%2Bb"},
        {"a&b=c", "a%26b%3Dc"},
        {"a%2Fb/", "a%252Fb%2F"},
        {"caf\xC3\xA9", "caf%C3%A9"},
        {"\0"sv, "%00"},
        {"-._~", "-._~"},
    };
    for (const Row& row : rows) CHECK(encode_query_text(row.given) == row.expected);
  }

  TEST_CASE("query text that may be encoded keeps its escapes and cannot split a pair") {
    const std::vector<Row> rows = {
        {"a%20b", "a%20b"},     {"a b", "a%20b"}, {"a+b", "a+b"},
        {"a&b=c", "a%26b%3Dc"}, {"5%", "5%25"},   {"a#b", "a%23b"},
    };
    for (const Row& row : rows) CHECK(repair_query_text(row.given) == row.expected);
  }

  TEST_CASE("percent-decoding leaves malformed escapes alone") {
    CHECK(percent_decode("/a%2Fb+c%") == "/a/b+c%");
    CHECK(percent_decode("a+b%zz%4", true) == "a b%zz%4");
    CHECK(percent_decode("%00%ff") == std::string("\0\xff", 2));
    // Each digit for itself: two wrong ones can come out right together.
    CHECK(percent_decode("%9f%A0%0a%fA") == "\x9f\xa0\x0a\xfa");
  }

  // Of a few bytes the right text may come out of a wrong rule.
  TEST_CASE("every byte is escaped in upper case, and read in either case and in both") {
    constexpr std::string_view kUpper = "0123456789ABCDEF";
    constexpr std::string_view kLower = "0123456789abcdef";
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    const auto escape = [](std::string_view high, std::string_view low, unsigned byte) {
      return std::string({'%', high[byte / 16], low[byte % 16]});
    };
    for (unsigned byte = 0; byte < 256; ++byte) {
      CAPTURE(byte);
      const std::string text(1, static_cast<char>(byte));
      const std::string upper = escape(kUpper, kUpper, byte);
      for (const std::string& escaped :
           {upper, escape(kLower, kLower, byte), escape(kLower, kUpper, byte),
            escape(kUpper, kLower, byte)}) {
        CHECK(percent_decode(escaped) == text);
        CHECK(percent_decode(escaped, true) == text);
        CHECK(percent_decode("a" + escaped + "1") == "a" + text + "1");
        CHECK(encode_path("/" + escaped) == "/" + escaped);
        CHECK(repair_query_text(escaped) == escaped);
      }
      const auto expected = [&](std::string_view more) {
        const bool stays = kPlain.find(text) != std::string_view::npos ||
                           more.find(text) != std::string_view::npos;
        return stays ? text : upper;
      };
      CHECK(encode_query_text(text) == expected("[]"));
      CHECK(repair_query_text(text) == expected("[]!$'()*+,;:@/?"));
      CHECK(encode_path("/" + text) == "/" + expected("!$&'()*+,;=:@/"));
      CHECK(percent_decode(encode_query_text(text)) == text);
    }
  }

  TEST_CASE("the neighbours of hexadecimal digits are none") {
    for (const char c : {'/', ':', '@', 'G', '`', 'g', '\0', '\x80', '\xff'}) {
      CAPTURE(static_cast<int>(c));
      for (const std::string& text : {std::string({'%', c, '0'}), std::string({'%', '0', c})}) {
        CHECK(percent_decode(text) == text);
        CHECK(encode_path("/" + text).starts_with("/%25"));
      }
    }
  }
}

}  // namespace
}  // namespace phork::http
