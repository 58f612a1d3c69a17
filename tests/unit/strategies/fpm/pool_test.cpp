// SPDX-License-Identifier: MIT
#include "strategies/fpm/pool.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "runtime/base/program.h"

namespace {

using namespace phork;
using strategies::find_fpm;
using strategies::FpmPool;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ScratchFolder : private base::Pinned {
 public:
  ScratchFolder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }

  ~ScratchFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/phork-test-XXXXXX";
};

std::string make_program(const ScratchFolder& folder, const std::string& name) {
  std::string path = folder.path() + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace

TEST_SUITE("fpm pool") {
  TEST_CASE("the configured program is used, and no other") {
    const ScratchFolder folder;
    const std::string configured = make_program(folder, "my-fpm");
    const auto found = find_fpm(configured, "", "");
    REQUIRE(found.ok());
    CHECK(found.value() == configured);
    const auto missing = find_fpm(folder.path() + "/other", folder.path(), folder.path());
    REQUIRE_FALSE(missing.ok());
    CHECK(contains(missing.error().text, folder.path() + "/other"));
    CHECK(contains(missing.error().text, "PHORK_FPM"));
    CHECK_FALSE(find_fpm(folder.path(), "", "").ok());
  }

  TEST_CASE("the version for which phork is built is used, and no other") {
    const ScratchFolder folder;
    const std::string own = make_program(folder, base::php_program_names("php-fpm").front());
    make_program(folder, "php-fpm");
    make_program(folder, "php-fpm99.9");
    const auto found = find_fpm("", "", "/nonexistent::" + folder.path());
    REQUIRE(found.ok());
    CHECK(found.value() == own);
  }

  TEST_CASE("a program beside ours comes before those in the path") {
    const ScratchFolder own;
    const ScratchFolder other;
    make_program(other, "php-fpm8.4");
    const std::string beside = make_program(own, "php-fpm");
    const auto found = find_fpm("", own.path(), other.path());
    REQUIRE(found.ok());
    CHECK(found.value() == beside);
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

  TEST_CASE("the configuration is kept in memory, and cannot be changed") {
    const auto kept = strategies::keep_configuration("[global]\n");
    REQUIRE(kept.ok());
    const std::string path = "/proc/self/fd/" + std::to_string(kept.value().get());
    std::ifstream file(path);
    std::string line;
    CHECK(std::getline(file, line));
    CHECK(line == "[global]");
    CHECK(::pwrite(kept.value().get(), "x", 1, 0) == -1);
    CHECK(::ftruncate(kept.value().get(), 0) == -1);
  }

  TEST_CASE("a connection succeeds before anybody accepts, and no file is left") {
    const auto socket = strategies::FpmSocket::listen();
    REQUIRE(socket.ok());
    CHECK(socket->connect().ok());
    const std::filesystem::path path = socket->name();
    CHECK_FALSE(std::filesystem::exists(path.parent_path()));
  }
}
