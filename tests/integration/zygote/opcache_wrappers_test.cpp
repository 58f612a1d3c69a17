// SPDX-License-Identifier: MIT
//
// opcache's memory outlives an event, and knows code by its path. Code that a stream wrapper of an
// event supplies does not get there, by whatever way it is included.
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

struct Way {
  std::string wrap;
  bool once = false;
};

const std::vector<Way> kWays{{"file"}, {"file", true}, {"compile"}, {"search"}, {"phar"}};

class Deployed {
 public:
  explicit Deployed(const std::string& strategy, const Way& way)
      : way_(way), runtime_(options(strategy, folder_)) {
    const std::string code = "<?php return 'deployed';\n";
    if (way.wrap == "phar") {
      path_ = "phar://" + folder_.file("code.tar") + "/deployed.php";
      write_archive(code);
    } else {
      path_ = folder_.write("deployed.php", code);
    }
  }

  std::string plainly() { return include(""); }

  std::string by_event() { return include(way_.wrap); }

  bool is_cached() { return answer_of(runtime_, event("")).boolean("cached"); }

 private:
  static RuntimeOptions options(const std::string& strategy, const ScratchFolder& folder) {
    folder.write("ini/opcache.ini", "opcache.file_update_protection=0\n");
    RuntimeOptions options;
    options.handler = "opcache_wrappers.php";
    options.strategy = strategy;
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.file("ini"));
    return options;
  }

  // A tar archive, which ext/phar reads like one of its own.
  void write_archive(const std::string& code) const {
    folder_.write("files/deployed.php", code);
    const auto made = testing::run_program(
        "/bin/tar", {"-C", folder_.file("files"), "-cf", folder_.file("code.tar"), "deployed.php"},
        {});
    REQUIRE(made.status.clean());
  }

  std::string event(const std::string& wrap) const {
    const std::string name = wrap == "search" ? "deployed.php" : path_;
    return R"({"include":")" + name + R"(","as":")" + path_ + R"(","wrap":")" + wrap +
           R"(","once":)" + (way_.once ? "true" : "false") + "}";
  }

  std::string include(const std::string& wrap) {
    return answer_of(runtime_, event(wrap)).text("returned");
  }

  const Way way_;
  const ScratchFolder folder_;
  std::string path_;
  Runtime runtime_;
};

void check_ways(const std::string& strategy) {
  for (const Way& way : kWays) {
    CAPTURE(way.wrap);
    CAPTURE(way.once);
    // Inprocess keeps the names of included files.
    if (way.once && strategy == "inprocess") continue;
    const std::string by_event = way.wrap == "compile" ? "deployed" : "forged";
    {
      Deployed found_first(strategy, way);
      CHECK(found_first.by_event() == by_event);
      CHECK(found_first.plainly() == "deployed");
      CHECK(found_first.is_cached());
    }
    Deployed cached_first(strategy, way);
    CHECK(cached_first.plainly() == "deployed");
    CHECK(cached_first.is_cached());
    CHECK(cached_first.by_event() == by_event);
    CHECK(cached_first.plainly() == "deployed");
  }
}

}  // namespace

TEST_SUITE("opcache wrappers") {
  TEST_CASE("code that an event's stream wrapper supplies is that event's alone") {
    for (const char* strategy : {"fork", "rollback", "inprocess"}) {
      if (strategy == std::string("rollback") && testing::kAddressSanitizer) continue;
      CAPTURE(strategy);
      check_ways(strategy);
    }
  }

  TEST_CASE("code that an event finds below another root is that event's alone") {
    if (::geteuid() != 0) return;  // or with a user namespace, where the kernel grants one
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder folder;
      const std::string path = folder.write("deployed.php", "<?php return 'deployed';\n");
      folder.write("jail" + path, "<?php return 'forged';\n");
      folder.write("ini/opcache.ini", "opcache.file_update_protection=0\n");
      folder.write("app/index.php",
                   "<?php return static function (array $event): array {\n"
                   "    if (isset($event['root'])) chroot($event['root']);\n"
                   "    return ['returned' => include $event['path']];\n"
                   "};\n");
      RuntimeOptions options;
      options.handler = "index.php";
      options.task_root = folder.file("app");
      options.strategy = strategy;
      options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.file("ini"));
      Runtime runtime(options);
      const std::string event = R"({"path":")" + path + "\"";
      // PHP itself finds its files no more, so the event may fail.
      runtime.invoke(event + R"(,"root":")" + folder.file("jail") + "\"}");
      CHECK(answer_of(runtime, event + "}").text("returned") == "deployed");
    }
  }
}
