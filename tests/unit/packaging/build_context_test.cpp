// SPDX-License-Identifier: MIT
#include "packaging/deployment/build_context.h"

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

using phork::packaging::pattern_inside;
using phork::testing::ScratchFolder;

TEST_SUITE("build context") {
  TEST_CASE("a pattern means a path in the folder, and no other of that name") {
    const ScratchFolder scratch;
    const std::string folder = scratch.make_folder("app");
    CHECK(pattern_inside(folder, folder + "/a/out") == "/a/out");
    CHECK(pattern_inside(folder, folder + "/a*[b]") == "/a\\*\\[b]");
    for (const std::string& other : {scratch.file("out"), scratch.file("application"), folder}) {
      CHECK(pattern_inside(folder, other).empty());
    }
  }
}
