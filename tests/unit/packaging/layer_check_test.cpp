// SPDX-License-Identifier: MIT
#include "packaging/layer/layer_check.h"

#include <elf.h>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "packaging/archive/zip.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace packaging = phork::packaging;
using phork::testing::contains;
using phork::testing::ScratchFolder;

namespace {

// A program that is its header and nothing else.
std::string program_for(unsigned short machine) {
  Elf64_Ehdr header{};
  header.e_ident[EI_MAG0] = ELFMAG0;
  header.e_ident[EI_MAG1] = ELFMAG1;
  header.e_ident[EI_MAG2] = ELFMAG2;
  header.e_ident[EI_MAG3] = ELFMAG3;
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

// Of a whole layer.
const std::vector<std::string> kParts{"bootstrap", "phork/bootstrap", "phork/php-worker",
                                      "phork/php/Context.php"};

// "" when it fits; otherwise the complaint.
std::string complaint(const std::vector<std::string>& files, unsigned short machine,
                      const packaging::LayerUse& use) {
  const ScratchFolder folder;
  packaging::Scratch scratch;
  std::vector<packaging::Entry> entries;
  for (const std::string& file : files) {
    entries.emplace_back().path = file;
    entries.back().content = program_for(machine);
  }
  REQUIRE(packaging::write_zip(scratch, folder.file("layer.zip"), entries));
  const auto checked = packaging::check_layer(folder.file("layer.zip"), use);
  return checked ? "" : checked.error().text;
}

}  // namespace

TEST_SUITE("layer check") {
  TEST_CASE("a layer has to be for the function's architecture") {
    const std::vector<std::string>& files = kParts;
    CHECK(complaint(files, EM_X86_64, {"x86_64"}).empty());
    CHECK(complaint(files, EM_AARCH64, {"arm64"}).empty());
    CHECK(contains(complaint(files, EM_X86_64, {"arm64"}),
                   "it is for x86_64, and the function for arm64: "));
    CHECK(contains(complaint(files, EM_AARCH64, {"x86_64"}), "--set Architecture=arm64"));
  }

  TEST_CASE("strategy fpm needs php-fpm in it") {
    CHECK(contains(complaint(kParts, EM_X86_64, {"x86_64", true}), "--with fpm"));
    std::vector<std::string> files = kParts;
    files.insert(files.end() - 2, "phork/php-fpm");
    CHECK(complaint(files, EM_X86_64, {"x86_64", true}).empty());
  }

  TEST_CASE("another zip is no layer of phork, and the first part that it lacks is named") {
    const std::vector<std::string> names{"bootstrap", "phork/bootstrap", "phork/php-worker",
                                         "phork/php/"};
    for (std::size_t missing = 0; missing < kParts.size(); ++missing) {
      std::vector<std::string> files = kParts;
      files.erase(files.begin() + static_cast<std::ptrdiff_t>(missing));
      CHECK(contains(complaint(files, EM_X86_64, {"x86_64"}),
                     "layer.zip': expected a layer of phork, found no " + names[missing] + " in"));
    }
  }

  TEST_CASE("another file is no zip") {
    const ScratchFolder folder;
    const auto checked = packaging::check_layer(folder.write("a.zip", "no zip"), {"x86_64"});
    REQUIRE_FALSE(checked.ok());
    CHECK(contains(checked.error().text, "expected a zip archive"));
  }
}
