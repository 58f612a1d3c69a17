// SPDX-License-Identifier: MIT
//
// Sizes, limits and the manifest.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "packaging/archive/size_report.h"
#include "packaging/function/limits.h"

namespace {

using namespace phork;
using packaging::Entry;

Entry entry(const std::string& path, std::size_t bytes, const std::string& component) {
  Entry made;
  made.path = path;
  made.content = std::string(bytes, 'x');
  made.component = component;
  return made;
}

}  // namespace

TEST_SUITE("package size") {
  TEST_CASE("components come with the largest first") {
    const std::vector<Entry> entries{entry("a", 10, "small"), entry("b", 30, "large"),
                                     entry("c", 5, "small")};
    const auto sizes = packaging::sizes_by_component(entries);
    REQUIRE(sizes.size() == 2);
    CHECK(sizes[0] == packaging::Sizes::value_type{"large", 30});
    CHECK(sizes[1].second == 15);
    CHECK(packaging::size_json({{"php", "8.2"}}, sizes, 7) ==
          "{\"php\":\"8.2\",\"components\":{\"large\":30,\"small\":15},\"unzipped\":45,"
          "\"zipped\":7}\n");
  }

  TEST_CASE("folders are named two levels deep") {
    const auto folders =
        packaging::sizes_by_folder({entry("index.php", 1, ""), entry("vendor/a/b/c.php", 5, ""),
                                    entry("vendor/a/d.php", 5, "")});
    REQUIRE(folders.size() == 2);
    CHECK(folders[0] == packaging::Sizes::value_type{"vendor/a", 10});
    CHECK(folders[1].first == ".");
  }

  TEST_CASE("the layer counts for the limit") {
    const std::vector<Entry> entries{entry("a/b/c", 100, "")};
    CHECK(packaging::check_size(entries, packaging::kMostUnpacked - 100).ok());
    const auto refused = packaging::check_size(entries, packaging::kMostUnpacked - 99);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text.find("are the layer") != std::string::npos);
  }

  TEST_CASE("the manifest says where each file comes from") {
    Entry file = entry("phork/lib/a.so", 3, "libraries");
    file.origin = {"/usr/lib/a.so", "liba1", "1.0-1"};
    Entry link = entry("bootstrap", 0, "programs");
    link.is_link = true;
    link.content = "phork/bootstrap";
    CHECK(packaging::manifest({{"phork", "1"}}, "/opt/", {file, link}) ==
          "{\"phork\":\"1\",\"files\":[{\"path\":\"/opt/phork/lib/a.so\",\"bytes\":3,\"sha256\":"
          "\"cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860\",\"mode\":\"0644\","
          "\"component\":\"libraries\",\"source\":\"/usr/lib/a.so\",\"package\":\"liba1\","
          "\"version\":\"1.0-1\"},{\"path\":\"/opt/bootstrap\",\"link\":\"phork/bootstrap\","
          "\"component\":\"programs\"}]}\n");
  }
}
