// SPDX-License-Identifier: MIT
#include "strategies/fpm/pool.h"

#include <filesystem>
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

namespace {

using namespace phork;
using strategies::find_fpm;
using strategies::FpmPool;
using strategies::PrivateFolder;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

PrivateFolder make_folder() {
  auto folder = PrivateFolder::make();
  REQUIRE(folder.ok());
  return std::move(folder).value();
}

std::string make_program(const std::string& path) {
  REQUIRE(strategies::write_file(path, "#!/bin/sh\n").ok());
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace

TEST_SUITE("fpm pool") {
  TEST_CASE("the configured program is used, and no other") {
    const PrivateFolder folder = make_folder();
    const std::string configured = make_program(folder.file("my-fpm"));
    const auto found = find_fpm(configured, "");
    REQUIRE(found.ok());
    CHECK(found.value() == configured);
    const auto missing = find_fpm(folder.file("other"), folder.file(""));
    REQUIRE_FALSE(missing.ok());
    CHECK(contains(missing.error().text, folder.file("other")));
    CHECK(contains(missing.error().text, "PHORK_FPM"));
    CHECK_FALSE(find_fpm(folder.file(""), "").ok());
  }

  TEST_CASE("the newest version in the path is used") {
    const PrivateFolder folder = make_folder();
    make_program(folder.file("php-fpm"));
    const std::string newest = make_program(folder.file("php-fpm8.4"));
    const auto found = find_fpm("", "/nonexistent::" + folder.file(""));
    REQUIRE(found.ok());
    CHECK(std::filesystem::equivalent(found.value(), newest));
  }

  TEST_CASE("the configuration has a worker per slot, and decorates the lines of workers") {
    FpmPool pool;
    pool.workers = 4;
    pool.listen = "/tmp/x/inherited";
    pool.prepend_file = "/opt/my app/prepend.php";
    const std::string text = strategies::fpm_configuration(pool);
    CHECK(contains(text, "pm.max_children = 4\n"));
    CHECK(contains(text, "listen = \"/tmp/x/inherited\"\n"));
    CHECK(contains(text, "[auto_prepend_file] = \"/opt/my app/prepend.php\"\n"));
    CHECK(contains(text, "decorate_workers_output = yes\n"));
    CHECK_FALSE(contains(text, "user ="));
    pool.user = "0";
    pool.group = "0";
    CHECK(contains(strategies::fpm_configuration(pool), "user = 0\ngroup = 0\n"));
  }

  TEST_CASE("the folder is private, and the destructor removes it") {
    std::string inside;
    {
      const PrivateFolder folder = make_folder();
      inside = folder.file("file");
      REQUIRE(strategies::write_file(inside, "text").ok());

      struct stat status {};

      REQUIRE(::stat(folder.file("").c_str(), &status) == 0);
      CHECK((status.st_mode & 07777) == 0700);
    }
    CHECK_FALSE(std::filesystem::exists(inside));
    CHECK_FALSE(strategies::write_file(inside, "text").ok());
  }

  TEST_CASE("a connection succeeds before anybody accepts") {
    const PrivateFolder folder = make_folder();
    const auto listening = strategies::listen_at(folder.file("socket"));
    REQUIRE(listening.ok());
    CHECK(strategies::connect_to(folder.file("socket")).ok());
    CHECK_FALSE(strategies::connect_to(folder.file("nothing")).ok());
    CHECK_FALSE(strategies::listen_at(folder.file(std::string(200, 'x'))).ok());
  }
}
