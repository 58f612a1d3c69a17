// SPDX-License-Identifier: MIT
#include "packaging/deployment/output_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

namespace fs = std::filesystem;
using phork::packaging::OutputFolder;
using phork::testing::ScratchFolder;

namespace {

void write(const OutputFolder& output, const std::string& name, const std::string& text) {
  std::ofstream(output.temporary() / name) << text;
}

std::size_t entries(const ScratchFolder& folder) {
  const fs::directory_iterator all(folder.file(""));
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_SUITE("output folder") {
  TEST_CASE("it appears as a whole, and takes the place of an earlier one") {
    const ScratchFolder scratch;
    for (const std::string text : {"one", "two"}) {
      OutputFolder output(scratch.file("out"), {"a", "b"});
      REQUIRE(output.begin());
      write(output, text == "one" ? "a" : "b", text);
      REQUIRE(output.finish());
    }
    CHECK(scratch.read("out/b") == "two");
    CHECK_FALSE(fs::exists(scratch.file("out/a")));
    CHECK(entries(scratch) == 1);
  }

  TEST_CASE("nothing is left of one that was not finished") {
    const ScratchFolder scratch;
    {
      OutputFolder output(scratch.file("out"), {"a"});
      REQUIRE(output.begin());
      write(output, "a", "half");
    }
    CHECK(entries(scratch) == 0);
  }

  TEST_CASE("a folder with other files stays as it is") {
    ScratchFolder scratch;
    scratch.write("out/a", "ours");
    scratch.write("out/letter.txt", "a person's");
    OutputFolder output(scratch.file("out"), {"a"});

    CHECK(output.begin().error().text ==
          "deploy: write folder '" + scratch.file("out") +
              "': it holds 'letter.txt', which is not from here: name another");
    CHECK(scratch.read("out/letter.txt") == "a person's");
    CHECK(entries(scratch) == 1);
  }

  TEST_CASE("a file in its place, and a folder that is not there, are named") {
    ScratchFolder scratch;
    scratch.write("file", "");

    CHECK(OutputFolder(scratch.file("file"), {}).begin().error().text ==
          "deploy: write folder '" + scratch.file("file") + "': expected a folder, got a file");
    CHECK(OutputFolder(scratch.file("none/out"), {}).begin().error().text ==
          "deploy: write folder '" + scratch.file("none/out") + "': No such file or directory");
  }
}
