// SPDX-License-Identifier: MIT
//
// One condition is false at a time. Files that the deployment owns are looked at by another user,
// as an event is one on Lambda; only root can make them.
#include "php-worker/sapi/learning/deployed_files.h"

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"
#include "tests/unit/sapi/rollback/in_child.h"

namespace {

using namespace phork::sapi;
using phork::testing::ScratchFolder;
using testing::in_child;
using testing::Shared;
using Demand = DeployedFiles::Demand;

constexpr unsigned kOther = 65'534;
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool is_root() {
  return ::geteuid() == 0;
}

void become_other() {
  REQUIRE(::setgroups(0, nullptr) == 0);
  REQUIRE(::setresgid(kOther, kOther, kOther) == 0);
  REQUIRE(::setresuid(kOther, kOther, kOther) == 0);
}

// A deployment app/ with lib/X.php, complete before its environment began.
class Deployment {
 public:
  Deployment() {
    write("app/lib/X.php");
    for (const char* part : {"", "app", "app/lib"}) set_mode(part, 0755);
    set_mode("app/lib/X.php", 0644);
    environment_began(now_ns() + kSecond);
  }

  std::string write(const std::string& name) { return folder_.write(name, "<?php class X {}\n"); }

  std::string at(const std::string& name) const { return folder_.file(name); }

  void set_mode(const std::string& name, unsigned mode) const {
    REQUIRE(::chmod(at(name).c_str(), mode) == 0);
  }

  void give_away(const std::string& name) const {
    REQUIRE(::chown(at(name).c_str(), kOther, kOther) == 0);
  }

  bool has(const std::string& path) const {
    return DeployedFiles(at("app")).has(path, Demand::kOld);
  }

  // In the eyes of the other user, after `prepare` as this one.
  template <typename Prepare>
  bool is_safe_from_other(Prepare&& prepare) const {
    const Shared<bool> is_safe;
    REQUIRE(in_child([&] {
              prepare();
              become_other();
              *is_safe = DeployedFiles(at("app")).has(at("app/lib/X.php"), Demand::kProtected);
            }) == 0);
    return *is_safe;
  }

  bool is_safe_from_other() const {
    return is_safe_from_other([] {});
  }

 private:
  ScratchFolder folder_;
};

}  // namespace

TEST_SUITE("deployed files") {
  TEST_CASE("a file of the deployment has one path") {
    Deployment made;
    CHECK(made.has(made.at("app/lib/X.php")));
    CHECK_FALSE(made.has(made.at("app/lib/None.php")));
    CHECK_FALSE(made.has(made.at("app//lib/X.php")));
    CHECK_FALSE(made.has(made.at("app/./lib/X.php")));
    CHECK_FALSE(made.has(made.at("app/lib/../lib/X.php")));
    CHECK_FALSE(made.has(made.at("app/lib/X.php") + std::string("\0", 1)));
    std::filesystem::create_symlink("lib", made.at("app/same"));
    CHECK_FALSE(made.has(made.at("app/same/X.php")));
  }

  TEST_CASE("a path that leads out of the deployment is refused, however it begins") {
    Deployment made;
    made.write("drop/Evil.php");
    made.write("app2/Evil.php");
    CHECK_FALSE(made.has(made.at("drop/Evil.php")));
    CHECK_FALSE(made.has(made.at("app2/Evil.php")));
    CHECK_FALSE(made.has(made.at("app/../drop/Evil.php")));
    CHECK_FALSE(made.has(made.at("app/lib/../../drop/Evil.php")));
    std::filesystem::create_symlink("../drop", made.at("app/out"));
    CHECK_FALSE(made.has(made.at("app/out/Evil.php")));
    std::filesystem::create_symlink("../drop/Evil.php", made.at("app/Evil.php"));
    CHECK_FALSE(made.has(made.at("app/Evil.php")));
  }

  TEST_CASE("the deployment itself may be named by a link") {
    Deployment made;
    std::filesystem::create_symlink("app", made.at("current"));
    CHECK(DeployedFiles(made.at("current")).has(made.at("app/lib/X.php"), Demand::kOld));
    CHECK_FALSE(DeployedFiles(made.at("current")).has(made.at("current/lib/X.php"), Demand::kOld));
  }

  TEST_CASE("without a folder of the deployment there is no file of it") {
    Deployment made;
    for (const char* root : {"", "/", "/nowhere"}) {
      const DeployedFiles files(root);
      CHECK_FALSE(files.available());
      CHECK_FALSE(files.has(made.at("app/lib/X.php"), Demand::kOld));
    }
  }

  TEST_CASE("only regular files are loaded") {
    Deployment made;
    REQUIRE(::mkfifo(made.at("app/pipe").c_str(), 0644) == 0);
    CHECK_FALSE(made.has(made.at("app/pipe")));
    CHECK_FALSE(made.has(made.at("app/lib")));
  }

  TEST_CASE("a file that was made or written since the environment began is refused") {
    Deployment made;
    const std::string file = made.at("app/lib/X.php");
    REQUIRE(made.has(file));
    const auto set_written = [&file](std::int64_t at_ns) {
      const timespec time{at_ns / kSecond, at_ns % kSecond};
      const timespec times[] = {time, time};
      REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
    };
    SUBCASE("by the time of its content") {
      set_written(now_ns() + 3600 * kSecond);
      CHECK_FALSE(made.has(file));
    }
    SUBCASE("by the time of its change, where the other was put back") {
      set_written(now_ns() - 3600 * kSecond);
      CHECK(made.has(file));
      environment_began(now_ns() - 60 * kSecond);
      CHECK_FALSE(made.has(file));
    }
  }

  TEST_CASE("a file that another user has deployed is safe from this one" *
            doctest::skip(!is_root())) {
    const Deployment made;
    CHECK(made.is_safe_from_other());
    const std::string file = made.at("app/lib/X.php");
    CHECK(made.has(file));
    // Root can write to all of it.
    CHECK_FALSE(DeployedFiles(made.at("app")).has(file, Demand::kProtected));
  }

  TEST_CASE("a file that this user can write is refused" * doctest::skip(!is_root())) {
    const Deployment made;
    SUBCASE("now") {
      made.set_mode("app/lib/X.php", 0646);
    }
    SUBCASE("after a change of its mode, as its owner") {
      made.give_away("app/lib/X.php");
      made.set_mode("app/lib/X.php", 0444);
    }
    CHECK_FALSE(made.is_safe_from_other());
  }

  TEST_CASE("a file that this user can replace is refused" * doctest::skip(!is_root())) {
    const Deployment made;
    for (const char* folder : {"app/lib", "app", ""}) {
      CAPTURE(folder);
      made.set_mode(folder, 0757);
      CHECK_FALSE(made.is_safe_from_other());
      // Entries of others stay where they are, as in /tmp.
      made.set_mode(folder, 01777);
      CHECK(made.is_safe_from_other());
      made.set_mode(folder, 0555);
      CHECK(made.is_safe_from_other());
      made.give_away(folder);
      CHECK_FALSE(made.is_safe_from_other());
      REQUIRE(::chown(made.at(folder).c_str(), 0, 0) == 0);
      made.set_mode(folder, 0755);
    }
  }

  TEST_CASE("on a read-only file system the owner does not count" * doctest::skip(!is_root())) {
    const Deployment made;
    made.give_away("app");
    made.give_away("app/lib");
    made.give_away("app/lib/X.php");
    CHECK_FALSE(made.is_safe_from_other());
    const std::string app = made.at("app");
    const Shared<bool> is_mounted;
    const bool is_safe = made.is_safe_from_other([&] {
      *is_mounted =
          ::unshare(CLONE_NEWNS) == 0 &&
          ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
          ::mount(app.c_str(), app.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
          ::mount(nullptr, app.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    });
    // Not every container lets root mount.
    CHECK(is_safe == *is_mounted);
  }
}
