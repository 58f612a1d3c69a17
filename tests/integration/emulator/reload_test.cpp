// SPDX-License-Identifier: MIT
//
// `phork serve` follows the files of its application: real bootstrap, real PHP, opcache on.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::contains;
using testing::count;
using testing::Program;
using testing::ScratchFolder;

std::string code(const std::string& answer) {
  return "<?php return '" + answer + "';\n";
}

// An application whose answer stands in a file that its entry includes at boot.
class Site {
 public:
  explicit Site(const std::string& strategy = "fork", std::vector<std::string> more = {}) {
    folder_.write("index.php",
                  "<?php\n$said = require __DIR__ . '/src/said.php';\n"
                  "return fn (array $event) => ['statusCode' => 200, 'body' => $said];\n");
    folder_.write("src/said.php", code("one"));
    // Old enough for opcache to keep them, as files are that nobody has touched lately.
    const auto old = fs::file_time_type::clock::now() - 1h;
    fs::last_write_time(folder_.file("index.php"), old);
    fs::last_write_time(folder_.file("src/said.php"), old);
    std::vector<std::string> arguments{"serve", folder_.path(), "--port", "0", "--concurrency",
                                       "1",     "--strategy",   strategy};
    arguments.insert(arguments.end(), more.begin(), more.end());
    program_ = std::make_unique<Program>(testing::program("phork"), arguments,
                                         std::map<std::string, std::string>{});
    const std::string mark = "ready: http://127.0.0.1:";
    REQUIRE_MESSAGE(testing::eventually([&] { return contains(log(), mark); }), log());
    const std::string output = log();
    port_ = static_cast<std::uint16_t>(std::atoi(output.c_str() + output.find(mark) + mark.size()));
  }

  std::string said() const { return testing::call_server(port_, {}).body; }

  int status() const { return testing::call_server(port_, {}).status; }

  const ScratchFolder& folder() const { return folder_; }

  std::string log() const { return program_->output(); }

  bool logs(const std::string& line) const {
    return testing::eventually([&] { return contains(log(), line); });
  }

 private:
  ScratchFolder folder_;
  std::unique_ptr<Program> program_;
  std::uint16_t port_ = 0;
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

  TEST_CASE("a file that an editor puts in the place of another counts, however old it is") {
    const Site site;
    CHECK(site.said() == "one");
    site.folder().write("src/said.php.new", code("two"));
    fs::last_write_time(site.folder().file("src/said.php.new"),
                        fs::last_write_time(site.folder().file("src/said.php")));
    fs::rename(site.folder().file("src/said.php.new"), site.folder().file("src/said.php"));
    REQUIRE_MESSAGE(site.logs("reload: src/said.php changed"), site.log());
    CHECK(site.said() == "two");
  }

  TEST_CASE("code that cannot boot fails its events, and is forgiven when it is mended") {
    const Site site;
    CHECK(site.said() == "one");
    site.folder().write("src/said.php", "<?php return 'two;\n");
    REQUIRE(site.logs("reload: src/said.php changed"));
    CHECK(site.status() == 500);
    site.folder().write("src/said.php", code("three"));
    REQUIRE(testing::eventually([&] { return count(site.log(), "reload: ") == 2; }));
    CHECK(site.said() == "three");
  }

  TEST_CASE("an event under way is not cut short") {
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

  TEST_CASE("what the application writes is no reason, and nothing is when that was asked for") {
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
