// SPDX-License-Identifier: MIT
//
// A zygote's part is played by the test, its children's by copies of it.
#include "php-worker/sapi/memory/working_set.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "php-worker/sapi/memory/capabilities.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/sapi/rollback/in_child.h"

namespace {

using namespace phork;
using namespace phork::sapi;
using sapi::testing::in_child;
using sapi::testing::Shared;

constexpr std::size_t kPages = 64;
constexpr std::size_t kBytes = kPages * kPageBytes;
// More than an event that has nothing to teach.
constexpr std::uint32_t kFaults = 100;

// A file that this process has mapped.
class MappedFile : private base::Pinned {
 public:
  MappedFile(int access, int flags)
      : path_(folder_.write("file", std::string(kBytes, 'x'))),
        file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC)),
        at_(static_cast<char*>(::mmap(nullptr, kBytes, access, flags, file_.get(), 0))) {
    REQUIRE(at_ != MAP_FAILED);
  }

  ~MappedFile() { ::munmap(at_, kBytes); }

  void read() const {
    for (std::size_t page = 0; page < kPages; ++page) {
      [[maybe_unused]] const char content = byte(page);
    }
  }

  void write() const {
    for (std::size_t page = 0; page < kPages; ++page) byte(page) = 'y';
  }

  void truncate() const { REQUIRE(::truncate(path_.c_str(), 0) == 0); }

  std::size_t pages_present() const {
    std::array<std::uint64_t, kPages> pages{};
    const auto begin = reinterpret_cast<std::uintptr_t>(at_);
    const base::Fd pagemap = open_pagemap();
    std::size_t present = 0;
    for (const std::uint64_t page : read_pagemap(pagemap.get(), begin, begin + kBytes, pages)) {
      present += (page & kPagePresent) == 0 ? 0 : 1;
    }
    return present;
  }

 private:
  volatile char& byte(std::size_t page) const {
    return static_cast<volatile char&>(at_[page * kPageBytes]);
  }

  const phork::testing::ScratchFolder folder_;
  const std::string path_;
  const base::Fd file_;
  char* const at_;
};

struct Case {
  const char* name;
  int access;
  int flags;
  bool writes;
};

constexpr std::array<Case, 3> kCases{{
    {"read, private", PROT_READ, MAP_PRIVATE, false},
    {"read, shared", PROT_READ | PROT_WRITE, MAP_SHARED, false},
    {"written", PROT_READ | PROT_WRITE, MAP_PRIVATE, true},
}};

// Has a child use all pages, and the zygote hear of it. False where nothing can be learned.
bool learn(WorkingSet& set, const MappedFile& file, bool writes) {
  if (!set.available()) return false;
  REQUIRE(in_child([&] {
            writes ? file.write() : file.read();
            set.learn(kFaults);
          }) == 0);
  REQUIRE(set.take_over());
  return true;
}

}  // namespace

TEST_SUITE("working set") {
  TEST_CASE("a child has the pages of a file that an earlier one used") {
    if (!capabilities().populate_read || !capabilities().populate_write) return;
    for (const Case& each : kCases) {
      CAPTURE(each.name);
      const MappedFile file(each.access, each.flags);
      WorkingSet set;
      if (!learn(set, file, each.writes)) return;
      const Shared<std::size_t> present;
      REQUIRE(in_child([&] {
                set.populate_files();
                *present = file.pages_present();
              }) == 0);
      CHECK(*present >= kPages - 1);
    }
  }

  TEST_CASE("a file that an event has truncated ends no later child") {
    for (const Case& each : kCases) {
      CAPTURE(each.name);
      const MappedFile file(each.access, each.flags);
      WorkingSet set;
      if (!learn(set, file, each.writes)) return;
      file.truncate();
      const int used = in_child([&] { file.read(); });
      // The address sanitizer has a handler for the signal, which exits.
      CHECK((phork::testing::kAddressSanitizer || (WIFSIGNALED(used) && WTERMSIG(used) == SIGBUS)));
      CHECK(used != 0);
      CHECK(in_child([&] {
              set.populate_files();
              set.touch();
            }) == 0);
    }
  }
}
