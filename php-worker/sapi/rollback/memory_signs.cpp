// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/memory_signs.h"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/process/privacy.h"

namespace phork::sapi {
namespace {

std::uint64_t faults_of(int whose) {
  rusage usage{};
  ::getrusage(whose, &usage);
  return static_cast<std::uint64_t>(usage.ru_minflt) + static_cast<std::uint64_t>(usage.ru_majflt);
}

// https://docs.kernel.org/userspace-api/mseal.html; the number is the same on all architectures.
bool seal(std::uintptr_t begin, std::uintptr_t end) {
  constexpr long kMseal = 462;
  return ::syscall(kMseal, begin, end - begin, 0UL) == 0;
}

// PHP unmaps what its allocator took from the kernel, in pieces of 2 MB or more; opcache protects
// its shared memory; allocators make parts of a large reserve usable, and compilers of machine code
// protect what they have made.
bool stays_open(const Mapping& mapping) {
  const bool is_part_of_program =
      mapping.inode != 0 && !is_shared(mapping) && !is_writable(mapping);
  return !is_part_of_program && (mapping.bytes() >= kHugePageBytes || is_executable(mapping));
}

// The page of the vsyscall lies in the kernel's half, and is no mapping of the process.
bool is_of_kernel(const Mapping& mapping) {
  return mapping.begin >> 63U != 0;
}

// The first number of /proc/self/statm; 0 when it cannot be read.
std::uint64_t count_mapped_pages(int statm) {
  std::array<char, 128> text;
  const ssize_t got = ::pread(statm, text.data(), text.size(), 0);
  std::uint64_t pages = 0;
  if (got > 0) std::from_chars(text.data(), text.data() + got, pages);
  return pages;
}

base::Fd open_memory() {
  const process::OpenToOthers while_it_is_opened;
  return base::Fd(::open("/proc/self/mem", O_WRONLY | O_CLOEXEC));
}

}  // namespace

FaultCounts read_fault_counts() {
  return {faults_of(RUSAGE_SELF), faults_of(RUSAGE_CHILDREN)};
}

bool counts_all_faults() {
  const base::Fd memory = open_memory();
  bool counted = false;
  // The first time, calls of the C library may cause faults of their own.
  for (int time = 0; time < 2; ++time) {
    void* const page =
        ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const FaultCounts before = read_fault_counts();
    const auto place = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(page));
    counted = ::pwrite(memory.get(), "x", 1, place) == 1 && read_fault_counts() != before;
    ::munmap(page, kPageBytes);
  }
  return counted;
}

bool MappingSigns::read(std::uint64_t address, int maps, Reply& reply) {
  reply = {sizeof reply, 0, address};
  return ::ioctl(maps, _IOWR('f', 17, Reply), &reply) == 0;
}

void MappingSigns::record(const MappingList& mappings, std::span<const std::uintptr_t> ours,
                          int maps, int statm) {
  pages_ = 0;
  open_count_ = 0;
  for (const Mapping& mapping : mappings.all()) {
    if (is_of_kernel(mapping)) continue;
    const bool is_ours = std::ranges::any_of(ours, [&mapping](std::uintptr_t address) {
      return mapping.begin <= address && address < mapping.end;
    });
    if (!is_ours && stays_open(mapping)) {
      if (open_count_ == open_.size()) return;
      if (!read(mapping.begin, maps, open_[open_count_++])) return;
      continue;
    }
    // The page that a stack grows from stays open, so that what has grown can be unmapped.
    const std::uintptr_t begin = mapping.begin + (mapping.stack ? kPageBytes : 0);
    if (begin < mapping.end && !seal(begin, mapping.end)) return;
  }
  pages_ = count_mapped_pages(statm);
}

bool MappingSigns::are_same(int maps, int statm) const {
  if (pages_ == 0 || count_mapped_pages(statm) != pages_) return false;
  return std::ranges::all_of(std::span(open_).first(open_count_), [maps](const Reply& before) {
    Reply now{};
    return read(before[kAddress], maps, now) && now == before;
  });
}

}  // namespace phork::sapi
