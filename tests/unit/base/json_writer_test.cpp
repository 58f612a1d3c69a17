// SPDX-License-Identifier: MIT
#include "runtime/base/json_writer.h"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace phork::base {
namespace {

using namespace std::string_view_literals;

std::string quoted(std::string_view text) {
  return JsonWriter{}.string(text).text();
}

TEST_SUITE("json writer") {
  TEST_CASE("a new writer is empty") {
    CHECK(JsonWriter{}.text().empty());
  }

  TEST_CASE("commas stand between members only") {
    JsonWriter out;
    out.begin_object().key("a").begin_array().end_array();
    out.key("b").begin_object().end_object();
    out.key("c").begin_array().integer(1).begin_object().field("d", "e").end_object();
    out.begin_array().null().boolean(true).end_array().end_array();
    out.key("f").boolean(false).key("g").raw("[1, 2]").field("h", "").end_object();
    CHECK(out.text() ==
          R"({"a":[],"b":{},"c":[1,{"d":"e"},[null,true]],"f":false,"g":[1, 2],"h":""})");
  }

  TEST_CASE("names are escaped like values") {
    JsonWriter out;
    out.begin_object().field("a\"\n\xFF", "x").end_object();
    CHECK(out.text() == "{\"a\\\"\\n\xEF\xBF\xBD\":\"x\"}");
  }

  TEST_CASE("integers are written up to both ends of their type") {
    JsonWriter out;
    out.begin_array().integer(std::numeric_limits<std::int64_t>::min()).integer(0);
    out.integer(std::numeric_limits<std::int64_t>::max()).end_array();
    CHECK(out.text() == "[-9223372036854775808,0,9223372036854775807]");
  }

  TEST_CASE("numbers have the requested decimals; infinity and NaN become null") {
    using Limits = std::numeric_limits<double>;
    CHECK(JsonWriter{}.number(1.25, 1).text() == "1.2");
    CHECK(JsonWriter{}.number(-0.5, 3).text() == "-0.500");
    CHECK(JsonWriter{}.number(2.5, 0).text() == "2");
    CHECK(JsonWriter{}.number(1, -3).text() == "1");
    CHECK(JsonWriter{}.number(Limits::max(), 17).text().size() == 309 + 1 + 17);
    CHECK(JsonWriter{}.number(Limits::infinity(), 2).text() == "null");
    CHECK(JsonWriter{}.number(Limits::quiet_NaN(), 2).text() == "null");
  }

  TEST_CASE("each ASCII byte is escaped as JSON requires, at every position") {
    for (int code = 0; code < 0x80; ++code) {
      CAPTURE(code);
      const char c = static_cast<char>(code);
      const auto named = "\"\\\b\f\n\r\t"sv.find(c);
      std::string escaped(1, c);
      if (named != std::string_view::npos) {
        escaped = {'\\', "\"\\bfnrt"[named]};
      } else if (code < 0x20) {
        escaped = {'\\', 'u', '0', '0', "01"[code / 16], "0123456789abcdef"[code % 16]};
      }
      // Every position within and across the blocks of eight bytes that the writer scans at once.
      for (std::size_t before = 0; before < 18; ++before) {
        const std::string head(before, 'x');
        CHECK(quoted(head + c + "tail") == '"' + head + escaped + "tail\"");
        CHECK(quoted(head + c) == '"' + head + escaped + '"');
      }
    }
  }

  TEST_CASE("valid UTF-8 is kept, at every length and at both ends of each range") {
    const std::vector<std::string_view> texts = {
        "\x7F"sv,         "\xC2\x80"sv,         "\xDF\xBF"sv,         "\xE0\xA0\x80"sv,
        "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv,     "\xEF\xBF\xBF"sv,     "\xF0\x90\x80\x80"sv,
        "\xE2\x80\xA8"sv, "\xF0\x9F\x8C\x8D"sv, "\xF4\x8F\xBF\xBF"sv, "\xF1\x80\x80\x80"sv,
    };
    for (const std::string_view text : texts) {
      for (std::size_t before = 0; before < 9; ++before) {
        const std::string whole = std::string(before, 'x') + std::string(text) + "y";
        CHECK(quoted(whole) == '"' + whole + '"');
      }
    }
  }

  TEST_CASE("each byte that is not UTF-8 becomes one U+FFFD") {
    struct Row {
      std::string_view bytes;
      std::size_t replaced;
      std::string_view rest;
    };

    const std::vector<Row> rows = {
        {"\x80"sv, 1, ""},                    // continues nothing
        {"\xFF"sv, 1, ""},                    // never a byte of UTF-8
        {"\xC0\xAF"sv, 2, ""},                // overlong '/'
        {"\xC1\xBF"sv, 2, ""},                // overlong
        {"\xE0\x9F\xBF"sv, 3, ""},            // overlong
        {"\xF0\x8F\xBF\xBF"sv, 4, ""},        // overlong
        {"\xED\xA0\x80"sv, 3, ""},            // a surrogate
        {"\xF4\x90\x80\x80"sv, 4, ""},        // beyond U+10FFFF
        {"\xF5\x80\x80\x80"sv, 4, ""},        // beyond U+10FFFF
        {"\xC3"sv, 1, ""},                    // cut off
        {"\xE2\x82"sv, 2, ""},                // cut off
        {"\xF0\x9F\x8C"sv, 3, ""},            // cut off
        {"\xC3(", 1, "("},                    // a lead before ASCII
        {"\xE2\x82\xC3\xA9", 2, "\xC3\xA9"},  // cut off by a valid sequence
    };
    for (const Row& row : rows) {
      for (std::size_t before = 0; before < 9; ++before) {
        std::string expected = '"' + std::string(before, 'x');
        for (std::size_t i = 0; i < row.replaced; ++i) expected += "\xEF\xBF\xBD";
        expected.append(row.rest).push_back('"');
        CHECK(quoted(std::string(before, 'x').append(row.bytes)) == expected);
      }
    }
  }

  TEST_CASE("the bound of a string is never below its size") {
    for (const std::string_view text : {""sv, "plain"sv, "\"\\\n\0\x1F"sv, "h\xC3\xA9llo"sv}) {
      JsonWriter out;
      out.begin_array().null();
      const std::size_t before = out.text().size();
      out.string(text);
      CHECK(out.text().size() - before <= JsonWriter::string_bound(text));
    }
    CHECK(JsonWriter::string_bound("plain") == 5 + 3);
  }

  TEST_CASE("text within the reserved size causes no reallocation") {
    JsonWriter out;
    const std::string body(100'000, 'x');
    out.begin_array().reserve(JsonWriter::string_bound(body) + 1);
    const char* const start = out.text().data();
    out.string(body).end_array();
    CHECK(out.text().data() == start);
  }

  TEST_CASE("a caller can fill a plain string") {
    JsonWriter out;
    out.begin_array().integer(1);
    std::string_view("abcd").copy(out.plain_string(4), 4);
    out.string("e");
    CHECK(out.plain_string(0) != nullptr);
    CHECK(std::move(out.end_array()).text() == R"([1,"abcd","e",""])");
  }
}

}  // namespace
}  // namespace phork::base
