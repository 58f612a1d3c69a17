// SPDX-License-Identifier: MIT
//
// A small process in place of PHP: it takes a snapshot of itself, spoils its memory and puts it
// back, again and again.
#include "php-worker/sapi/rollback/snapshot.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <pthread.h>
#include <string>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "tests/support/sanitizer.h"
#include "tests/unit/sapi/rollback/in_child.h"

namespace phork::sapi {
namespace {

using base::Fd;
using testing::in_child;
using testing::Shared;

constexpr std::size_t kManyPages = 512;
constexpr std::size_t kPageBytes = 4096;

int global = 1;
std::array<char, 65'536> zeros{};
thread_local int of_thread = 5;

struct Report {
  unsigned rounds = 0;  // rounds that found memory restored
  std::size_t differing = 0;
  long faults_at_last = -1;  // page faults of the last round's writes
  bool refused = false;
  bool kept = false;  // after a refusal, memory still holds what was written
};

long minor_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// Faster than a look at each byte where nothing is optimised.
template <typename Bytes>
bool all_are(const Bytes& bytes, char wanted) {
  return bytes[0] == wanted && std::memcmp(bytes.data(), &bytes[1], bytes.size() - 1) == 0;
}

// The memory that the cases write to.
struct Subject {
  std::string text = std::string(1'000, 'a');
  std::vector<char> large = std::vector<char>(kManyPages * kPageBytes, 'x');

  bool untouched() const {
    return global == 1 && of_thread == 5 && text == std::string(1'000, 'a') &&
           all_are(large, 'x') && all_are(zeros, '\0');
  }

  void spoil() {
    global = 2;
    of_thread = 6;
    text = std::string(100'000, 'b');
    for (std::size_t page = 0; page < kManyPages; page += 2) large[page * kPageBytes] = 'y';
    zeros[40'000] = 1;
  }
};

// Takes the snapshot here and marks it in a child, as the zygote and its children do. Then runs
// `spoil` and rolls back, `rounds` times.
void repeat(unsigned rounds, Report& report, const std::function<void(Subject&)>& spoil,
            bool counts_faults) {
  Subject subject;
  auto taken = Snapshot::take();
  if (!taken) return;
  in_child([&] {
    Snapshot snapshot = taken.value();
    snapshot.check_rollbacks();
    int local = 7;
    volatile int& seen_local = local;
    const auto before = snapshot.mark();
    if (!before || before.value() != report.rounds) return;
    report.differing += snapshot.differing_pages();
    if (!subject.untouched() || seen_local != 7 || report.rounds == rounds) return;
    ++report.rounds;
    seen_local = 8;
    const long faults = minor_faults();
    spoil(subject);
    report.faults_at_last = minor_faults() - faults;
    MemoryFiles files;
    files.counts_faults = counts_faults;
    const base::Error error = snapshot.roll_back(files);
    report.refused = !error.text.empty();
    report.kept = global == 2;
  });
}

Report report_of(unsigned rounds, const std::function<void(Subject&)>& spoil, bool old_kernel,
                 bool counts_faults = false) {
  const Shared<Report> report;
  // A copy of the test's process is the zygote, so that the test's own process stays unchanged.
  CHECK(in_child([&] {
          if (old_kernel) ::setenv("PHORK_OLD_KERNEL", "1", 1);
          repeat(rounds, *report, spoil, counts_faults);
        }) == 0);
  return *report;
}

void check_same(const Report& one, const Report& other) {
  CHECK(one.rounds == other.rounds);
  CHECK(one.differing == other.differing);
  CHECK(one.refused == other.refused);
  CHECK(one.kept == other.kept);
}

// The same with the system calls of an old kernel, and with page faults as a sign: all have to
// agree.
Report report_of(unsigned rounds, const std::function<void(Subject&)>& spoil) {
  const Report old = report_of(rounds, spoil, true);
  const Report counted = report_of(rounds, spoil, false, true);
  const Report report = report_of(rounds, spoil, false);
  check_same(old, report);
  check_same(counted, report);
  return report;
}

std::uintptr_t page_in(const std::vector<char>& memory, std::size_t number) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data() + number * kPageBytes);
  return address - address % kPageBytes;
}

void* at(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

// The image alone is mapped for reading only; the memory that is mapped from it can be written to.
bool can_write_to_image() {
  std::ifstream maps("/proc/self/maps");
  bool changed = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("phork-image") == std::string::npos || line.find("r--") == std::string::npos) {
      continue;
    }
    const auto begin = static_cast<std::uintptr_t>(std::stoull(line, nullptr, 16));
    changed = changed || ::mprotect(at(begin), kPageBytes, PROT_READ | PROT_WRITE) == 0;
  }
  return changed;
}

// Each frame holds a page, which the returned value keeps the compiler from leaving out.
[[gnu::noinline]] char recurse(int depth) {
  std::array<volatile char, 4'096> page;
  page[0] = static_cast<char>(depth);
  return depth == 0 ? page[0] : static_cast<char>(recurse(depth - 1) + page[0]);
}

// Called in each new process, between its fork and its mark, unless it is empty.
std::function<void()> after_fork;

// Registered once, because it cannot be taken back.
void call_after_fork() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] {
    if (after_fork) after_fork();
  });
  REQUIRE(registered == 0);
}

bool unavailable() {
  return phork::testing::kAddressSanitizer;
}

}  // namespace

TEST_SUITE("snapshot") {
  TEST_CASE("data, thread locals, heap, zeros and stack are restored each time") {
    if (unavailable()) return;
    const Report report = report_of(200, [](Subject& subject) { subject.spoil(); });
    CHECK(report.rounds == 200);
    CHECK(report.differing == 0);
    CHECK_FALSE(report.refused);
  }

  TEST_CASE("a page that was written once costs no fault in later rounds") {
    if (unavailable()) return;
    const Report report = report_of(20, [](Subject& subject) {
      for (std::size_t page = 0; page < kManyPages; ++page) subject.large[page * kPageBytes] = 'y';
    });
    CHECK(report.rounds == 20);
    CHECK(report.faults_at_last < 5);
  }

  TEST_CASE("a page that is first written in a later round is restored") {
    if (unavailable()) return;
    const Shared<std::size_t> round;
    const Report report = report_of(20, [&round](Subject& subject) {
      const std::size_t page = (*round)++ % 20;
      // Rounds without any fault lie between them.
      if (page % 5 == 4) subject.large[page * kPageBytes] = 'y';
    });
    CHECK(report.rounds == 20);
    CHECK(report.differing == 0);
  }

  TEST_CASE("a page that a process sharing this memory writes is restored") {
    if (unavailable()) return;
    const Shared<unsigned> round;
    const Report report = report_of(10, [&round](Subject& subject) {
      if (++*round % 10 != 5) return;
      char* const page = &subject.large[7 * kPageBytes];
      // As posix_spawn() does. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork)
      if (const pid_t pid = ::vfork(); pid == 0) {
        *page = 'y';
        ::_exit(0);
      } else {
        ::waitpid(pid, nullptr, 0);
      }
    });
    CHECK(report.rounds == 10);
    CHECK(report.differing == 0);
  }

  // As a child of a fork finds it: generators of random numbers that have their state there seed
  // themselves again.
  TEST_CASE("memory that a fork empties is empty each time") {
    if (unavailable()) return;
    void* const memory =
        ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(::madvise(memory, kPageBytes, MADV_WIPEONFORK) == 0);
    char* const state = static_cast<char*>(memory);
    call_after_fork();
    after_fork = [state] { *state = 'z'; };
    const Shared<unsigned> empty;
    const Report report =
        report_of(10, [&](Subject&) { *empty += std::exchange(*state, 'y') == 0 ? 1 : 0; });
    CHECK(report.rounds == 10);
    CHECK(report.differing == 0);
    CHECK(*empty == 30);  // with an old kernel, with counted faults, and without
    after_fork = nullptr;
    ::munmap(memory, kPageBytes);
  }

  TEST_CASE("the C library draws other random numbers after each rollback") {
    if (unavailable()) return;
    const Shared<std::uint64_t> drawn;
    const Shared<unsigned> others;
    const auto draw = [] {
      std::uint64_t number = 0;
      static_cast<void>(::getrandom(&number, sizeof number, 0));
      return number;
    };
    draw();
    call_after_fork();
    after_fork = draw;
    report_of(10, [&](Subject&) {
      const std::uint64_t number = draw();
      *others += number != std::exchange(*drawn, number) ? 1 : 0;
    });
    CHECK(*others == 30);
    after_fork = nullptr;
  }

  TEST_CASE("new mappings and heap memory are gone") {
    if (unavailable()) return;
    const Report report = report_of(100, [](Subject&) {
      constexpr std::size_t kBytes = std::size_t{64} << 20U;
      void* const memory =
          ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      std::memset(memory, 1, kBytes / 64);
      static_cast<void>(::mmap(nullptr, kPageBytes, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
      // The rollback has to free these.
      for (int block = 0; block < 100; ++block) new std::string(10'000, 'z');
    });
    CHECK(report.rounds == 100);
    CHECK(report.differing == 0);
  }

  TEST_CASE("a stack that has grown by megabytes does no harm") {
    if (unavailable()) return;
    const Report report = report_of(20, [](Subject& subject) { subject.text[0] = recurse(500); });
    CHECK(report.rounds == 20);
    CHECK(report.differing == 0);
  }

  TEST_CASE("with a mapping missing or changed it refuses and changes nothing") {
    if (unavailable()) return;
    using Change = void (*)(std::uintptr_t page);
    constexpr std::array<Change, 4> kChanges{
        [](std::uintptr_t page) { ::munmap(at(page), kPageBytes); },
        [](std::uintptr_t page) { ::mprotect(at(page), kPageBytes, PROT_READ); },
        [](std::uintptr_t page) {
          constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
          static_cast<void>(::mmap(at(page), kPageBytes, PROT_READ | PROT_WRITE, kFlags, -1, 0));
        },
        [](std::uintptr_t page) {
          static_cast<void>(::mremap(at(page), kPageBytes, 4 * kPageBytes, MREMAP_MAYMOVE));
        }};
    for (const Change change : kChanges) {
      const Report report = report_of(5, [change](Subject& subject) {
        subject.spoil();
        change(page_in(subject.large, 100));
      });
      CHECK(report.rounds == 1);
      CHECK(report.refused);
      CHECK(report.kept);
    }
  }

  TEST_CASE("pages are restored that were read first, given back, or written by the kernel") {
    if (unavailable()) return;
    const Report report = report_of(20, [](Subject& subject) {
      volatile char& read_first = *static_cast<char*>(at(page_in(subject.large, 11)));
      read_first = static_cast<char>(read_first + 1);
      ::madvise(at(page_in(subject.large, 21)), kPageBytes, MADV_DONTNEED);
      const Fd source(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
      static_cast<void>(::read(source.get(), at(page_in(subject.large, 31)), kPageBytes));
    });
    CHECK(report.rounds == 20);
    CHECK(report.differing == 0);
  }

  TEST_CASE("the break is set back to its byte") {
    if (unavailable()) return;
    const Shared<std::uintptr_t> first;
    const Shared<unsigned> same;
    const Report report = report_of(
        5,
        [&](Subject&) {
          const auto now = reinterpret_cast<std::uintptr_t>(::sbrk(0));
          if (*first == 0) *first = now;
          if (*first == now) ++*same;
          ::sbrk(100);
        },
        false);
    CHECK(report.rounds == 5);
    CHECK(*same == 5);
  }

  TEST_CASE("the process cannot write to the image") {
    if (unavailable()) return;
    const Shared<bool> writable;
    const Report report =
        report_of(2, [&writable](Subject&) { *writable = *writable || can_write_to_image(); });
    CHECK(report.rounds == 2);
    CHECK_FALSE(*writable);
  }

  TEST_CASE("it refuses to copy more than 16 MB and changes nothing") {
    if (unavailable()) return;
    std::vector<char> huge(std::size_t{20} << 20U, 'x');
    const Report report = report_of(5, [&huge](Subject& subject) {
      subject.spoil();
      std::ranges::fill(huge, 'y');
    });
    CHECK(report.rounds == 1);
    CHECK(report.refused);
    CHECK(report.kept);
  }

  TEST_CASE("signals that were blocked since are unblocked") {
    if (unavailable()) return;
    const Shared<unsigned> open;
    const Report report = report_of(3, [&open](Subject&) {
      sigset_t mask;
      ::sigprocmask(SIG_SETMASK, nullptr, &mask);
      if (sigismember(&mask, SIGUSR1) == 0) ++*open;
      sigaddset(&mask, SIGUSR1);
      ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    });
    CHECK(report.rounds == 3);
    CHECK(*open == 3 * 3);  // on this kernel, as on an old one, and by faults
  }

  TEST_CASE("under the address sanitizer the error says why there is no snapshot") {
    if (!unavailable()) return;
    const auto taken = Snapshot::take();
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().text.find("address sanitizer") != std::string::npos);
  }
}

}  // namespace phork::sapi
