// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/memory_signs.h"

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "tests/support/eventually.h"
#include "tests/unit/sapi/rollback/in_child.h"

namespace phork::sapi {
namespace {

using testing::in_child;
using testing::Shared;

constexpr std::size_t kLarge = 2 * kHugePageBytes;
constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS;

char* map(std::size_t bytes, int flags = kPrivate) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return static_cast<char*>(memory);
}

struct Subject {
  char* small = map(kPageBytes);
  char* code = map(kPageBytes);
  char* large = map(kLarge);
  char* shared = map(kLarge, MAP_SHARED | MAP_ANONYMOUS);

  Subject() { ::mprotect(code, kPageBytes, PROT_READ | PROT_EXEC); }
};

struct Found {
  bool has_signs = false;
  bool same = false;        // after the change
  bool same_again = false;  // after what undoes it
};

// In a copy of the test's process, because a seal stays.
Found found_after(
    const std::function<void(Subject&)>& change,
    const std::function<void(Subject&)>& undo = [](Subject&) {}) {
  const Shared<Found> found;
  CHECK(in_child([&] {
          Subject subject;
          const Shared<MappingList> mappings;
          const Shared<MappingSigns> signs;
          const base::Fd maps(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
          const base::Fd statm(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
          REQUIRE(read_mappings(*mappings, maps.get()));
          signs->record(*mappings, {}, maps.get(), statm.get());
          found->has_signs = signs->are_same(maps.get(), statm.get());
          change(subject);
          found->same = signs->are_same(maps.get(), statm.get());
          undo(subject);
          found->same_again = signs->are_same(maps.get(), statm.get());
          // The end of this scope would unmap what is sealed.
          ::_exit(0);
        }) == 0);
  return *found;
}

// False on a kernel without them, where each look is a full one.
bool are_there() {
  static const bool there = found_after([](Subject&) {}).has_signs;
  if (!there) MESSAGE("this kernel has no mseal() or no PROCMAP_QUERY");
  return there;
}

}  // namespace

TEST_SUITE("memory_signs") {
  TEST_CASE("a new mapping is seen, and no longer when it is gone") {
    if (!are_there()) return;
    char* added = nullptr;
    const Found found = found_after([&](Subject&) { added = map(kPageBytes); },
                                    [&](Subject&) { ::munmap(added, kPageBytes); });
    CHECK_FALSE(found.same);
    CHECK(found.same_again);
  }

  TEST_CASE("a small mapping cannot be removed, protected, moved or replaced") {
    if (!are_there()) return;
    const Shared<unsigned> refused;
    const Found found = found_after([&](Subject& subject) {
      char* const page = subject.small;
      const auto count = [&refused](bool done) {
        if (!done && errno == EPERM) ++*refused;
      };
      count(::munmap(page, kPageBytes) == 0);
      count(::mprotect(page, kPageBytes, PROT_READ) == 0);
      count(::mremap(page, kPageBytes, 2 * kPageBytes, MREMAP_MAYMOVE) != MAP_FAILED);
      count(::mmap(page, kPageBytes, PROT_READ, kPrivate | MAP_FIXED, -1, 0) != MAP_FAILED);
      page[0] = 'x';
    });
    CHECK(*refused == 4);
    CHECK(found.same);
  }

  TEST_CASE("a large mapping that another of its size takes the place of is seen") {
    if (!are_there()) return;
    CHECK_FALSE(found_after([](Subject& subject) {
                  ::munmap(subject.large, kLarge);
                  map(kPageBytes);
                  map(kLarge - kPageBytes);
                }).same);
    CHECK_FALSE(found_after([](Subject& subject) {
                  ::munmap(subject.shared, kLarge);
                  map(kLarge);
                }).same);
  }

  TEST_CASE("a large mapping that is protected is seen, and no longer when that is undone") {
    if (!are_there()) return;
    const Found found = found_after(
        [](Subject& subject) { ::mprotect(subject.large, kPageBytes, PROT_READ); },
        [](Subject& subject) { ::mprotect(subject.large, kPageBytes, PROT_READ | PROT_WRITE); });
    CHECK_FALSE(found.same);
    CHECK(found.same_again);
  }

  TEST_CASE("machine code that is protected is seen") {
    if (!are_there()) return;
    const Shared<int> result;
    CHECK_FALSE(found_after([&](Subject& subject) {
                  *result = ::mprotect(subject.code, kPageBytes, PROT_READ | PROT_WRITE);
                }).same);
    CHECK(*result == 0);
  }

  TEST_CASE("a stack that has grown is seen") {
    if (!are_there()) return;
    CHECK_FALSE(found_after([](Subject&) {
                  constexpr std::size_t kDepth = std::size_t{1} << 20U;
                  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
                  *static_cast<volatile char*>(to_pointer(here - kDepth)) = 'x';
                }).same);
  }

  TEST_CASE("a first write counts as a fault, here, by the kernel and in a child") {
    CHECK(counts_all_faults());
    char* const memory = map(2 * kPageBytes);
    FaultCounts before = read_fault_counts();
    // The kernel may take a page away at any moment.
    CHECK(phork::testing::eventually([&before] {
      const FaultCounts last = before;
      before = read_fault_counts();
      return before == last;
    }));
    memory[0] = 'x';
    const FaultCounts written = read_fault_counts();
    CHECK(written.own > before.own);
    in_child([memory] { memory[kPageBytes] = 'x'; });
    CHECK(read_fault_counts().of_children > written.of_children);
    ::munmap(memory, 2 * kPageBytes);
  }
}

}  // namespace phork::sapi
