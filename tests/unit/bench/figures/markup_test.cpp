// SPDX-License-Identifier: MIT
#include "bench/figures/markup.h"

#include <doctest/doctest.h>

#include "bench/figures/html_table.h"

using namespace phork::bench;

TEST_SUITE("markup") {
  TEST_CASE("nothing in a text is markup") {
    CHECK(escape("<b title=\"a\">'&'</b>") ==
          "&lt;b title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
    CHECK(escape(std::string_view("\0\x1b", 2)) == "??");
    CHECK(escape("größer\n") == "größer\n");
  }

  TEST_CASE("a template is filled in once, whatever the values hold") {
    CHECK(fill("<{{a}}|{{b}}|{{a}}>", {{"a", "{{b}}"}, {"b", "2"}}) == "<{{b}}|2|{{b}}>");
    CHECK(fill("{{unknown}} {{", {}) == "{{unknown}} {{");
  }

  TEST_CASE("numbers have three digits that count") {
    CHECK(short_number(0) == "0");
    CHECK(short_number(0.0042) == "0.0042");
    CHECK(short_number(0.4081) == "0.408");
    CHECK(short_number(1.724) == "1.72");
    CHECK(short_number(9.996) == "10.0");
    CHECK(short_number(71.36) == "71.4");
    CHECK(short_number(110.2) == "110");
    CHECK(short_number(12345.6) == "12,346");
  }

  TEST_CASE("round numbers stay round") {
    CHECK(round_number(0.05) == "0.05");
    CHECK(round_number(20) == "20");
    CHECK(round_number(2000) == "2,000");
  }

  TEST_CASE("thousands are grouped") {
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(-1234) == "-1,234");
    CHECK(grouped(-0.2) == "0");
  }

  TEST_CASE("durations change their unit") {
    CHECK(duration_text(408) == "0.408 ms");
    CHECK(duration_text(999'400) == "999 ms");
    CHECK(duration_text(2'050'000) == "2.05 s");
  }

  TEST_CASE("a table names its rows and columns and escapes its cells") {
    const std::string html = to_html(
        {.caption = "A & B", .columns = {"", "x"}, .rows = {{{{"<r>"}, {"1", "ms", true}}, true}}});
    CHECK(html.find("<caption>A &amp; B</caption>") != std::string::npos);
    CHECK(html.find("<th scope=\"col\">x</th>") != std::string::npos);
    CHECK(html.find("<tr class=\"chosen\"><th scope=\"row\">&lt;r&gt;</th>"
                    "<td class=\"best\">1 <small>ms</small></td></tr>") != std::string::npos);
  }
}
