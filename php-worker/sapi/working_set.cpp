// SPDX-License-Identifier: MIT
#include "php-worker/sapi/working_set.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

constexpr std::uintptr_t kPageBytes = 4096;
// The kernel maps up to this much around a page of a file that is looked at (fault-around).
constexpr std::uintptr_t kBlockBytes = 64U << 10;

constexpr std::uint64_t kPresent = 1ULL << 63;
constexpr std::uint64_t kOfFileOrShared = 1ULL << 61;
constexpr std::uint64_t kMappedHereOnly = 1ULL << 56;

// A larger one is address space set aside (a sanitizer's shadow has terabytes), not memory in use;
// looking at each of its pages would take for ever.
constexpr std::uintptr_t kLargestMapping = std::uintptr_t{1} << 30;

// Entries are page addresses; the lowest bit says that the page is written.
constexpr std::uintptr_t kWrittenBit = 1;
constexpr std::size_t kMostEntries = 8192;
// Each is a page of real memory for every waiting child, and 2 us of billed time.
constexpr std::uint32_t kMostWritten = 2048;

// An event with fewer faults has nothing to teach; and not every event may, as a scan costs some
// milliseconds of billed time.
constexpr std::uint32_t kFaultsWorthLearning = 24;
constexpr std::uint32_t kMostLessons = 24;

// Whatever lies there, mapped as it is: the page is meant, not an object of ours.
[[gnu::no_sanitize_address]] void touch_page(std::uintptr_t address, bool write) {
  // Addresses come from /proc: there is no pointer to derive this one from.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  auto* const byte = reinterpret_cast<volatile char*>(address);
  const char value = *byte;
  if (write) *byte = value;
}

}  // namespace

// Only the holder of `learning` writes; a child that dies with it ends the learning, no more.
struct WorkingSet::Shared {
  std::atomic<std::uint32_t> learning;
  std::atomic<std::uint32_t> lessons;
  std::uint32_t written;
  std::atomic<std::size_t> count;  // published entries
  std::array<std::uintptr_t, kMostEntries> entries;

  bool knows(std::uintptr_t entry) const {
    const auto* const end = entries.begin() + count.load(std::memory_order_relaxed);
    return std::find(entries.begin(), end, entry) != end;
  }

  void add(std::uintptr_t entry) {
    const std::size_t at = count.load(std::memory_order_relaxed);
    if (at == kMostEntries || knows(entry)) return;
    if ((entry & kWrittenBit) != 0 && written++ >= kMostWritten) return;
    entries[at] = entry;
    count.store(at + 1, std::memory_order_release);
  }
};

WorkingSet::WorkingSet() {
  const base::Fd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  std::uint64_t probe = 0;
  const auto here = reinterpret_cast<std::uintptr_t>(&probe);
  const auto offset = static_cast<off_t>(here / kPageBytes * sizeof probe);
  if (::pread(pagemap.get(), &probe, sizeof probe, offset) != sizeof probe ||
      (probe & kPresent) == 0) {
    return;
  }
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  shared_ = static_cast<Shared*>(memory);  // zero pages are its initial state
  read_mappings();
}

void WorkingSet::read_mappings() {
  std::ifstream maps("/proc/self/maps");
  const auto own = reinterpret_cast<std::uintptr_t>(shared_);
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping{};
    std::array<char, 5> access{};
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s", &mapping.begin, &mapping.end,
                    access.data()) != 3) {
      continue;
    }
    // The kernel's own pages ([vvar], [vdso]) are mapped for everybody and never copied.
    const bool special = line.find("[v") != std::string::npos;
    const bool reserved = mapping.end - mapping.begin > kLargestMapping;
    if (access[0] != 'r' || special || reserved || mapping.begin == own) continue;
    mapping.private_writable = access[1] == 'w' && access[3] == 'p';
    mappings_.push_back(mapping);
  }
}

const WorkingSet::Mapping* WorkingSet::find_mapping(std::uintptr_t address) const {
  const auto after = std::ranges::upper_bound(mappings_, address, {}, &Mapping::begin);
  if (after == mappings_.begin()) return nullptr;
  const Mapping& mapping = *(after - 1);
  return address < mapping.end ? &mapping : nullptr;
}

void WorkingSet::touch() const {
  if (!available()) return;
  const std::size_t count = std::min(shared_->count.load(std::memory_order_acquire), kMostEntries);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uintptr_t entry = shared_->entries[i];
    const std::uintptr_t address = entry & ~kWrittenBit;
    const Mapping* mapping = find_mapping(address);
    if (mapping == nullptr) continue;
    touch_page(address, (entry & kWrittenBit) != 0 && mapping->private_writable);
  }
}

void WorkingSet::learn(std::uint32_t minor_faults) {
  if (!available() || minor_faults < kFaultsWorthLearning) return;
  if (shared_->lessons.fetch_add(1) >= kMostLessons) return;
  if (shared_->learning.exchange(1) != 0) return;
  const base::Fd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  for (const Mapping& mapping : mappings_) learn_mapping(mapping, pagemap.get());
  shared_->learning.store(0);
}

void WorkingSet::learn_mapping(const Mapping& mapping, int pagemap) {
  std::array<std::uint64_t, 2048> pages;
  std::uintptr_t seen_block = 0;
  for (std::uintptr_t begin = mapping.begin; begin < mapping.end;) {
    const std::size_t wanted =
        std::min<std::size_t>(pages.size(), (mapping.end - begin) / kPageBytes);
    const ssize_t got = ::pread(pagemap, pages.data(), wanted * sizeof(std::uint64_t),
                                static_cast<off_t>(begin / kPageBytes * sizeof(std::uint64_t)));
    if (got <= 0) return;
    const std::size_t count = static_cast<std::size_t>(got) / sizeof(std::uint64_t);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uintptr_t address = begin + i * kPageBytes;
      if ((pages[i] & kPresent) == 0) continue;
      const bool anonymous = (pages[i] & kOfFileOrShared) == 0;
      if (mapping.private_writable && anonymous) {
        if ((pages[i] & kMappedHereOnly) != 0) shared_->add(address | kWrittenBit);
      } else if (address / kBlockBytes != seen_block) {
        seen_block = address / kBlockBytes;
        shared_->add(address);
      }
    }
    begin += count * kPageBytes;
  }
}

}  // namespace phork::sapi
