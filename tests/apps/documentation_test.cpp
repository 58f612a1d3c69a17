// SPDX-License-Identifier: MIT
//
// docs/applications.md lists what the comparison masks.
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/apps/normal_form.h"
#include "tests/support/runtime_harness.h"

TEST_SUITE("applications") {
  TEST_CASE("docs/applications.md lists every mask, and no others") {
    std::ifstream file(phork::testing::source_path("docs/applications.md"));
    std::ostringstream page;
    page << file.rdbuf();
    std::string table = "| what | why |\n|---|---|\n";
    for (const phork::apps::Mask& mask : phork::apps::masks()) {
      table.append("| ").append(mask.what).append(" | ").append(mask.why).append(" |\n");
    }
    // An empty line follows the table: the page has no further row.
    CHECK_MESSAGE(page.str().find("\n\n" + table + "\n") != std::string::npos,
                  "docs/applications.md does not hold this table:\n"
                      << table);
  }

  TEST_CASE("a value that is not in the list is not masked") {
    using phork::apps::normal_form;
    const phork::emulator::HttpReply one{
        200, {{"Set-Cookie", "wiki_session=abc; path=/"}}, "12 seconds, 1662225322, 2022/09/03"};
    phork::emulator::HttpReply other = one;
    other.headers[0].value = "wiki_session=def; path=/";
    CHECK(normal_form(one) == normal_form(other));
    other.headers[0].value = "wiki_session=deleted; path=/";
    CHECK(normal_form(one) != normal_form(other));
    other = one;
    other.body = "12 seconds, 1662225323, 2022/09/03";
    CHECK(normal_form(one) != normal_form(other));
    other.body = "12 seconds, 1662225322, 2022/09/04";
    CHECK(normal_form(one) != normal_form(other));
    other = one;
    other.status = 201;
    CHECK(normal_form(one) != normal_form(other));
  }
}
