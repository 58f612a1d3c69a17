// SPDX-License-Identifier: MIT
#include "audit/record_file.h"

#include <fstream>
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

using phork::audit::RecordFile;

TEST_CASE("a record file is there from the beginning, for its owner only, and empty") {
  const RecordFile file;

  struct stat status {};

  REQUIRE(::stat(file.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(file.read().empty());
}

TEST_CASE("what is appended can be read while more comes") {
  const RecordFile file;
  std::ofstream(file.path(), std::ios::app) << "one\n";
  CHECK(file.read() == "one\n");
  std::ofstream(file.path(), std::ios::app) << "two\n";
  CHECK(file.read() == "one\ntwo\n");
}

TEST_CASE("two are two, and each is gone with its object") {
  std::string path;
  {
    const RecordFile file;
    const RecordFile other;
    CHECK(file.path() != other.path());
    path = file.path();
  }

  struct stat status {};

  CHECK(::stat(path.c_str(), &status) == -1);
}
