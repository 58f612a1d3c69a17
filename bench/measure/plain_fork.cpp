// SPDX-License-Identifier: MIT
#include "bench/measure/plain_fork.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::bench {
namespace {

constexpr int kRounds = 200;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kPages = 4096;
constexpr std::size_t kPagesWritten = 128;

class Pages : private base::Pinned {
 public:
  Pages(std::size_t bytes, int advice)
      : bytes_(bytes),
        memory_(
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw base::SystemError(errno, "bench: map memory");
    ::madvise(memory_, bytes, advice);
  }

  ~Pages() { ::munmap(memory_, bytes_); }

  void write(std::size_t pages) const {
    const std::span<volatile char> bytes(static_cast<volatile char*>(memory_), bytes_);
    for (std::size_t page = 0; page < pages; ++page) bytes[page * kPage] = 1;
  }

 private:
  const std::size_t bytes_;
  void* const memory_;
};

double median_seconds(const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  std::ranges::nth_element(seconds, seconds.begin() + kRounds / 2);
  return seconds[kRounds / 2];
}

// A generator of Marsaglia, which needs no memory: https://doi.org/10.18637/jss.v008.i14
void compute() {
  volatile std::uint64_t seed = 88172645463325252;
  std::uint64_t number = seed;
  for (int i = 0; i < 200'000; ++i) {
    number ^= number << 13U;
    number ^= number >> 7U;
    number ^= number << 17U;
  }
  seed = number;
}

}  // namespace

double plain_fork_per_computation() {
  const Pages inherited(kPages * kPage, MADV_NOHUGEPAGE);
  const Pages own(2 * kHugePage, MADV_HUGEPAGE);
  inherited.write(kPages);
  const double fork = median_seconds([&] {
    const pid_t child = ::fork();
    if (child == -1) throw base::SystemError(errno, "bench: fork");
    if (child == 0) {
      inherited.write(kPagesWritten);
      own.write(2 * kHugePage / kPage);
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
  });
  return fork / median_seconds(compute);
}

}  // namespace phork::bench
