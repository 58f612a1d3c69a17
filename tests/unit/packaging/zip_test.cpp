// SPDX-License-Identifier: MIT
#include "packaging/archive/zip.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/scratch_folder.h"

namespace fs = std::filesystem;
namespace packaging = phork::packaging;
using phork::testing::ScratchFolder;

namespace {

// Bit 11 of the flags in the local header of the archive's first entry.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.7
bool says_utf8(const std::string& zip) {
  REQUIRE(zip.starts_with("PK\x03\x04"));
  return (static_cast<unsigned char>(zip.at(7)) & 0x08U) != 0;
}

}  // namespace

TEST_SUITE("zip") {
  TEST_CASE("a name that is not ASCII says that it is UTF-8, if it is, and comes back as it was") {
    struct Case {
      std::string name;
      bool marked;
    };

    for (const Case& example :
         {Case{"plain", false}, Case{"gr\xc3\xbc\xc3\x9f", true}, Case{"gr\xfc\xdf", false}}) {
      CAPTURE(example.name);
      const ScratchFolder folder;
      packaging::Scratch scratch;
      packaging::Entry entry;
      entry.path = example.name;
      entry.content = "content";
      REQUIRE(packaging::write_zip(scratch, folder.file("a.zip"), {entry}));
      CHECK(says_utf8(folder.read("a.zip")) == example.marked);
      fs::create_directory(folder.file("out"));
      REQUIRE(packaging::unpack_zip(folder.file("a.zip"), folder.file("out")));
      CHECK(folder.read("out/" + example.name) == "content");
    }
  }
}
