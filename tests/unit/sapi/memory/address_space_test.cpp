// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/address_space.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <vector>

#include <doctest/doctest.h>

namespace phork::sapi {
namespace {

std::unique_ptr<MappingList> list_of(std::initializer_list<const char*> lines) {
  auto list = std::make_unique<MappingList>();
  list->count = 0;
  for (const char* line : lines) REQUIRE(parse_mapping(line, list->items.at(list->count++)));
  return list;
}

// The excess ranges as text; "-" when the lists cannot be compared.
std::string extra_of(std::initializer_list<const char*> before,
                     std::initializer_list<const char*> now) {
  const auto extra = std::make_unique<RangeList>();
  if (!find_extra(*list_of(before), *list_of(now), *extra)) return "-";
  std::string text;
  for (const AddressRange& range : extra->all()) {
    text += std::to_string(range.begin) + "-" + std::to_string(range.end) + " ";
  }
  return text;
}

constexpr const char* kCode = "10-20 r-xp 00000000 fd:01 77 /usr/bin/php";
constexpr const char* kData = "20-30 rw-p 00000010 fd:01 77 /usr/bin/php";
constexpr const char* kHeap = "40-60 rw-p 00000000 00:00 0 [heap]";

}  // namespace

TEST_SUITE("address_space") {
  TEST_CASE("a line gives a mapping's place, access and file") {
    Mapping mapping{};
    REQUIRE(
        parse_mapping("7f12a000-7f12c000 rw-p 0001a000 fd:01 1234    /usr/lib/a b.so", mapping));
    CHECK(mapping.begin == 0x7f12a000);
    CHECK(mapping.bytes() == 0x2000);
    CHECK(mapping.private_writable());
    CHECK(mapping.offset == 0x1a000);
    CHECK(mapping.inode == 1234);
    CHECK_FALSE(mapping.stack);
    REQUIRE(parse_mapping("7ffc0000-7ffd0000 rw-p 00000000 00:00 0    [stack]", mapping));
    CHECK(mapping.stack);
    CHECK(mapping.inode == 0);
    REQUIRE(parse_mapping("7f12a000-7f12c000 r--s 00000000 00:00 0", mapping));
    CHECK_FALSE(mapping.private_writable());
  }

  TEST_CASE("a truncated line is refused or still a mapping") {
    const std::string line = "7f12a000-7f12c000 rw-p 0001a000 fd:01 1234";
    for (std::size_t length = 0; length < line.size(); ++length) {
      Mapping mapping{};
      const bool taken = parse_mapping(line.substr(0, length), mapping);
      CHECK(taken == (length > line.rfind(' ') + 1));
      for (char& byte : std::string(line.substr(0, length))) {
        byte ^= 0x40;
        if (parse_mapping(line, mapping)) CHECK(mapping.begin < mapping.end);
      }
    }
  }

  TEST_CASE("the list of this process has a page that was just mapped") {
    const auto list = std::make_unique<MappingList>();
    void* const page = ::mmap(nullptr, kPageBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const base::Fd maps(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
    REQUIRE(read_mappings(*list, maps.get()));
    const auto address = reinterpret_cast<std::uintptr_t>(page);
    bool found = false;
    for (const Mapping& mapping : list->all()) {
      found = found || (mapping.begin <= address && address < mapping.end);
    }
    CHECK(found);
    ::munmap(page, kPageBytes);
  }

  TEST_CASE("nothing is in excess when nothing has changed") {
    CHECK(extra_of({kCode, kData, kHeap}, {kCode, kData, kHeap}).empty());
  }

  TEST_CASE("new mappings are in excess: between, before, behind and at the edge of others") {
    CHECK(extra_of({kCode, kHeap}, {"8-10 rw-p 0 00:00 0", kCode, "30-38 r--p 0 00:00 0",
                                    "40-70 rw-p 0 00:00 0 [heap]", "80-90 rw-s 5 00:01 9 /x"}) ==
          "8-16 48-56 96-112 128-144 ");
    CHECK(extra_of({"40-60 rw-p 0 00:00 0 [stack]"}, {"30-60 rw-p 0 00:00 0 [stack]"}) == "48-64 ");
  }

  TEST_CASE("neighbours that were joined or split count as unchanged") {
    const char* const left = "20-28 rw-p 00000010 fd:01 77 /usr/bin/php";
    const char* const right = "28-30 rw-p 00000018 fd:01 77 /usr/bin/php";
    CHECK(extra_of({kData}, {left, right}).empty());
    CHECK(extra_of({left, right}, {kData}).empty());
  }

  TEST_CASE("a mapping that is gone, in whole or in part, or was replaced, is an error") {
    CHECK(extra_of({kCode, kHeap}, {kHeap}) == "-");
    CHECK(extra_of({kCode, kHeap}, {kCode}) == "-");
    CHECK(extra_of({kHeap}, {"48-60 rw-p 0 00:00 0"}) == "-");
    CHECK(extra_of({kHeap}, {"40-58 rw-p 0 00:00 0"}) == "-");
    CHECK(extra_of({kHeap}, {"40-48 rw-p 0 00:00 0", "50-60 rw-p 0 00:00 0"}) == "-");
    CHECK(extra_of({kHeap}, {"40-60 r--p 0 00:00 0"}) == "-");
    CHECK(extra_of({kData}, {"20-30 rw-p 00000010 fd:01 78 /usr/bin/php"}) == "-");
    CHECK(extra_of({kData}, {"20-30 rw-p 00000018 fd:01 77 /usr/bin/php"}) == "-");
  }
}

}  // namespace phork::sapi
