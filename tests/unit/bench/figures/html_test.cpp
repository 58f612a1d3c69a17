// SPDX-License-Identifier: MIT
#include "bench/figures/html.h"

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

bool holds(const std::string& html, const std::string& part) {
  return html.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("html") {
  TEST_CASE("escaped text contains no markup") {
    CHECK(escape("<b title=\"a\">'&'</b>") ==
          "&lt;b title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
    CHECK(escape(std::string_view("\0\x1b", 2)) == "??");
    CHECK(escape("größer\n") == "größer\n");
  }

  TEST_CASE("a template is filled once, whatever the values contain") {
    CHECK(fill("<{{a}}|{{b}}|{{a}}>", {{"a", "{{b}}"}, {"b", "2"}}) == "<{{b}}|2|{{b}}>");
    CHECK(fill("{{unknown}} {{", {}) == "{{unknown}} {{");
  }

  TEST_CASE("a table names its rows and columns and escapes its cells") {
    const std::string html = to_html(
        {.caption = "A & B", .columns = {"", "x"}, .rows = {{{{"<r>"}, {"1", "ms", true}}, true}}});
    CHECK(holds(html, "<caption><span>A &amp; B</span></caption>"));
    CHECK(holds(html, "<th scope=\"col\"><span class=\"unseen\">subject</span></th>"));
    CHECK(holds(html, "<th scope=\"col\">x</th>"));
    CHECK(holds(html,
                "<tr class=\"chosen\"><th scope=\"row\">&lt;r&gt;</th>"
                "<td class=\"best\">1 <small>ms</small></td></tr>"));
  }

  TEST_CASE("a table lies in a region with its name, which the keyboard can reach") {
    const std::string html = to_html({.caption = "A & B", .columns = {"", "x"}, .rows = {}});
    CHECK(holds(html, "role=\"region\" tabindex=\"0\" aria-label=\"A &amp; B\"><table>"));
  }

  TEST_CASE("the hint at more columns depends on their number") {
    const auto table_of = [](std::size_t columns) {
      return to_html(
          {.caption = "t", .columns = std::vector<std::string>(columns, "c"), .rows = {}});
    };
    CHECK(holds(table_of(4), "<div class=\"frame\">"));
    CHECK(holds(table_of(5), "<div class=\"frame medium\">"));
    CHECK(holds(table_of(7), "<div class=\"frame medium\">"));
    CHECK(holds(table_of(8), "<div class=\"frame broad\">"));
  }
}
