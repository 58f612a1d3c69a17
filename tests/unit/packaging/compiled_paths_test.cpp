// SPDX-License-Identifier: MIT
#include "packaging/layer/compiled_paths.h"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace phork;
using namespace std::string_literals;
using packaging::replace_paths;
using packaging::stretched_path;

}  // namespace

TEST_SUITE("compiled paths") {
  TEST_CASE("a path keeps its length, by more slashes") {
    CHECK(stretched_path("zoneinfo", 19) == "/opt/phork/zoneinfo");
    CHECK(stretched_path("etc", 16) == "/opt/phork///etc");
    CHECK(stretched_path("", 12) == "/opt/phork//");
    CHECK(stretched_path("zoneinfo", 18).empty());
    CHECK(stretched_path("", 9).empty());
  }

  TEST_CASE("it is replaced where a text begins with it, as a whole") {
    const std::string was = "/usr/lib/ssl";
    std::string content = "a\0/usr/lib/ssl\0\"/usr/lib/ssl\"\0/usr/lib/ssl/certs\0"s +
                          "/usr/lib/ssl3\0x/usr/lib/ssl\0"s;
    REQUIRE(replace_paths(content, "libcrypto", {{was, ""}}).ok());
    CHECK(content == "a\0/opt/phork//\0\"/opt/phork//\"\0/opt/phork///certs\0"s +
                         "/usr/lib/ssl3\0x/usr/lib/ssl\0"s);
  }

  TEST_CASE("another build than Debian's is refused") {
    std::string content = "a\0/usr/local/ssl\0"s;
    const auto absent = replace_paths(content, "libcrypto", {{"/usr/lib/ssl", ""}});
    REQUIRE_FALSE(absent.ok());
    CHECK(absent.error().text.find("'/usr/lib/ssl' in libcrypto") != std::string::npos);
    std::string found = "a\0/short\0"s;
    CHECK_FALSE(replace_paths(found, "a", {{"/short", "folder"}}).ok());
  }
}
