// SPDX-License-Identifier: MIT
//
// `phork serve` follows the files of its application: real bootstrap, real PHP, opcache on.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::contains;
using testing::count;
using testing::ScratchFolder;

std::string code(const std::string& answer) {
  return "<?php return '" + answer + "';\n";
}

// An application whose answer is in a file that its entry includes at boot.
class Site {
 public:
  explicit Site(const std::string& strategy = "fork", std::vector<std::string> more = {}) {
    folder_.write("index.php",
                  "<?php\n$said = require __DIR__ . '/src/said.php';\n"
                  "return fn (array $event) => ['statusCode' => 200, 'body' => $said];\n");
    folder_.write("src/said.php", code("one"));
    // opcache caches only files that were not touched lately.
    const auto old = fs::file_time_type::clock::now() - 1h;
    fs::last_write_time(folder_.file("index.php"), old);
    fs::last_write_time(folder_.file("src/said.php"), old);
    more.insert(more.begin(), {"--concurrency", "1", "--strategy", strategy});
    served_ = std::make_unique<testing::Served>(folder_.path(), more);
  }

  std::string said() const { return served_->call().body; }

  int status() const { return served_->call().status; }

  const ScratchFolder& folder() const { return folder_; }

  std::string log() const { return served_->log(); }

  bool logs(const std::string& line) const { return served_->logs(line); }

 private:
  ScratchFolder folder_;
  std::unique_ptr<testing::Served> served_;
};

}  // namespace

TEST_SUITE("hot reload") {
  TEST_CASE("the event after a change runs the changed code, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Site site(strategy);
      CHECK(site.said() == "one");
      site.folder().write("src/said.php", code("two"));
      REQUIRE_MESSAGE(site.logs("reload: src/said.php changed"), site.log());
      CHECK(site.said() == "two");
      CHECK(site.said() == "two");
      CHECK(count(site.log(), "reload: ") == 1);
    }
  }

  TEST_CASE("a file that an editor renames over another counts as a change, whatever its time") {
    const Site site;
    CHECK(site.said() == "one");
    site.folder().write("src/said.php.new", code("two"));
    fs::last_write_time(site.folder().file("src/said.php.new"),
                        fs::last_write_time(site.folder().file("src/said.php")));
    fs::rename(site.folder().file("src/said.php.new"), site.folder().file("src/said.php"));
    REQUIRE_MESSAGE(site.logs("reload: src/said.php changed"), site.log());
    CHECK(site.said() == "two");
  }

  TEST_CASE("code that cannot boot fails its events until it is repaired") {
    const Site site;
    CHECK(site.said() == "one");
    site.folder().write("src/said.php", "<?php return 'two;\n");
    REQUIRE(site.logs("reload: src/said.php changed"));
    CHECK(site.status() == 500);
    site.folder().write("src/said.php", code("three"));
    REQUIRE(testing::eventually([&] { return count(site.log(), "reload: ") == 2; }));
    CHECK(site.said() == "three");
  }

  TEST_CASE("a change during an event does not cut it short") {
    const Site site;
    site.folder().write(
        "index.php",
        "<?php\nreturn function (array $event) {\n"
        "  touch(__DIR__ . '/begun.txt');\n"
        "  while (!file_exists(__DIR__ . '/go.txt')) { usleep(1000); clearstatcache(); }\n"
        "  return ['statusCode' => 200, 'body' => 'slow'];\n};\n");
    REQUIRE(site.logs("reload: index.php changed"));
    std::string answer;
    std::thread caller([&] { answer = site.said(); });
    const bool begun = testing::eventually([&] { return site.folder().has("begun.txt"); });
    site.folder().write("src/said.php", code("two"));
    const bool told = site.logs("reload: src/said.php changed");
    site.folder().write("go.txt", "");
    caller.join();
    CHECK(begun);
    CHECK(told);
    CHECK(answer == "slow");
  }

  TEST_CASE("files that the application writes cause no reload, and --no-reload switches it off") {
    const Site site("fork", {"--no-reload"});
    CHECK(site.said() == "one");
    site.folder().write("src/said.php", code("two"));
    CHECK(site.said() == "one");
    CHECK_FALSE(contains(site.log(), "reload: "));
    const Site followed;
    followed.folder().write("var/cache/x.php", code("x"));
    followed.folder().write("src/said.php", code("two"));
    REQUIRE(followed.logs("reload: "));
    CHECK(contains(followed.log(), "reload: src/said.php changed"));
  }
}
