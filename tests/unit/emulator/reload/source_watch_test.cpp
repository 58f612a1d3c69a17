// SPDX-License-Identifier: MIT
#include "emulator/reload/source_watch.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::testing::ScratchFolder;
namespace fs = std::filesystem;

namespace {

// The notifications of a watch, for a test that waits for them.
class Told {
 public:
  SourceWatch::Hooks hooks() {
    return {[this](const std::string& file, std::size_t others) {
              add(changes_, {file, others});
            },
            [this](const std::string& line) {
              add(warnings_, {line, 0});
            }};
  }

  // The next change; empty if none comes in time.
  std::pair<std::string, std::size_t> next_change() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [this] { return !changes_.empty(); });
    if (changes_.empty()) return {};
    auto first = changes_.front();
    changes_.erase(changes_.begin());
    return first;
  }

  std::size_t warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_.size();
  }

 private:
  using List = std::vector<std::pair<std::string, std::size_t>>;

  void add(List& list, std::pair<std::string, std::size_t> entry) {
    const std::lock_guard lock(mutex_);
    list.push_back(std::move(entry));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  List changes_;
  List warnings_;
};

struct Fixture {
  ScratchFolder folder;
  Told told;

  Fixture() {
    folder.write("src/a.php", "<?php 1;");
    folder.write("src/deep/er/b.php", "<?php 1;");
    folder.write("var/cache/c.php", "<?php 1;");
  }

  SourceWatch::Options options() const {
    SourceWatch::Options made;
    made.root = folder.path();
    made.scan_interval = 10ms;
    return made;
  }

  void rename(const std::string& from, const std::string& to) const {
    fs::rename(folder.file(from), folder.file(to));
  }
};

using Change = std::pair<std::string, std::size_t>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a written file is reported by its path below the root") {
  const SourceWatch watch(options(), told.hooks());
  folder.write("src/deep/er/b.php", "<?php 2;");
  CHECK(told.next_change() == Change("src/deep/er/b.php", 0));
  CHECK(told.warnings() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a renamed file is a change, as some editors save") {
  const SourceWatch watch(options(), told.hooks());
  folder.write("src/.a.php.swp", "<?php 2;");
  rename("src/.a.php.swp", "src/a.php");
  CHECK(told.next_change() == Change("src/a.php", 0));
}

TEST_CASE_FIXTURE(Fixture, "a burst of changes is reported once") {
  SourceWatch::Options slow = options();
  slow.quiet = 300ms;
  const SourceWatch watch(slow, told.hooks());
  for (int round = 0; round < 20; ++round) {
    folder.write("src/a.php", "<?php 3;");
    folder.write("src/deep/er/b.php", "<?php 3;");
    folder.write("src/new.php", "<?php 3;");
  }
  CHECK(told.next_change() == Change("src/a.php", 2));
  folder.remove("src/new.php");
  CHECK(told.next_change() == Change("src/new.php", 0));
}

TEST_CASE_FIXTURE(Fixture, "files that the application writes and other files are not reported") {
  const SourceWatch watch(options(), told.hooks());
  folder.write("var/cache/c.php", "<?php 2;");
  folder.write("src/.a.php.swp", "x");
  folder.write("dev.log", "x");
  folder.write(".git/config.ini", "x");
  folder.write("src/a.php", "<?php 2;");  // reported last, and alone
  CHECK(told.next_change() == Change("src/a.php", 0));
}

TEST_CASE_FIXTURE(Fixture, "files in new folders are noticed") {
  ScratchFolder other;
  other.write("pack/inner/x.php", "<?php 1;");
  const SourceWatch watch(options(), told.hooks());
  fs::rename(other.file("pack"), folder.file("src/pack"));
  CHECK(told.next_change() == Change("src/pack/inner/x.php", 0));
  folder.write("src/pack/inner/x.php", "<?php 2;");
  CHECK(told.next_change() == Change("src/pack/inner/x.php", 0));
  folder.write("lib/made/y.php", "<?php 1;");
  CHECK(told.next_change().first == "lib/made/y.php");
  fs::rename(folder.file("src/pack"), other.file("pack"));
  CHECK(told.next_change() == Change("src/pack", 0));
}

TEST_CASE_FIXTURE(Fixture, "a linked package is watched, and a link upwards is not followed") {
  ScratchFolder other;
  other.write("lib/x.php", "<?php 1;");
  fs::create_directory_symlink(other.path(), folder.file("src/linked"));
  fs::create_directory_symlink("/", folder.file("src/up"));
  fs::create_directory_symlink("..", folder.file("src/loop"));
  const SourceWatch watch(options(), told.hooks());
  other.write("lib/x.php", "<?php 2;");
  CHECK(told.next_change() == Change("src/linked/lib/x.php", 0));
}

TEST_CASE_FIXTURE(Fixture,
                  "without enough watches the other folders are scanned, with one warning") {
  SourceWatch::Options few = options();
  few.most_watches = 1;
  const SourceWatch watch(few, told.hooks());
  CHECK(told.warnings() == 1);
  folder.write("src/deep/er/new.php", "<?php 1;");
  CHECK(told.next_change().first == "src/deep/er/new.php");
  folder.remove("src/deep/er/new.php");
  CHECK(told.next_change() == Change("src/deep/er/new.php", 0));
  folder.write("index.php", "<?php 1;");  // by the one watch
  CHECK(told.next_change() == Change("index.php", 0));
  CHECK(told.warnings() == 1);
}
