// SPDX-License-Identifier: MIT
#include "runtime/base/program.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

using namespace phork;
using base::find_program;
using testing::ScratchFolder;

namespace {

std::string make_program(const ScratchFolder& folder, const std::string& name) {
  std::string path = folder.write(name, "#!/bin/sh\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("a better name in a later folder comes before another name in an earlier one") {
    const ScratchFolder folder;
    const std::string second = make_program(folder, "first/second-name");
    const std::string path = ":/nonexistent::" + folder.file("first") + ":" + folder.file("last");
    CHECK(find_program({"first-name", "second-name"}, path) == second);
    const std::string first = make_program(folder, "last/first-name");
    CHECK(find_program({"first-name", "second-name"}, path) == first);
    CHECK(find_program({"third-name"}, path).empty());
  }

  TEST_CASE("folders and files that cannot be executed are no programs") {
    const ScratchFolder folder;
    folder.make_folder("name");
    folder.write("other", "#!/bin/sh\n");
    CHECK(find_program({"name", "other"}, folder.path()).empty());
  }

  TEST_CASE("the folders of servers are searched after those of the path") {
    const std::string folders = base::program_folders("/first:/second");
    CHECK(folders.find("/first:/second:") == 0);
    CHECK(folders.find(":/usr/sbin:") != std::string::npos);
  }

  TEST_CASE("programs of PHP have the version in their names, or none") {
    const auto names = base::php_program_names("php-cgi");
    REQUIRE(names.size() == 2);
    CHECK(names[0].find_first_not_of("0123456789.", names[1].size()) == std::string::npos);
    CHECK(names[0].find('.') != std::string::npos);
    CHECK(names[1] == "php-cgi");
  }
}
