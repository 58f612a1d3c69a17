// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/working_set.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <string>
#include <sys/mman.h>
#include <utility>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/memory/capabilities.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

// When a page of a file is read, the kernel maps up to this much around it (fault-around).
constexpr std::uintptr_t kBlockBytes = 64U << 10;

// A larger mapping is reserved address space (a sanitizer's shadow has terabytes), not memory in
// use; looking at each of its pages would take forever.
constexpr std::uintptr_t kLargestMapping = std::uintptr_t{1} << 30;

constexpr std::size_t kPagesOfHuge = kHugePageBytes / kPageBytes;

// Entries are page addresses. The lowest bit says that the page is written.
constexpr std::uintptr_t kWrittenBit = 1;

constexpr std::uintptr_t page_of(std::uintptr_t entry) {
  return entry & ~kWrittenBit;
}

constexpr std::size_t kMostEntries = 8192;
// Each costs a page of real memory for every waiting child, and 2 us of billed time.
constexpr std::uint32_t kMostWritten = 2048;

// An event with fewer faults has nothing to teach.
constexpr std::uint32_t kFaultsWorthLearning = 4;

// Of an environment, or since its rehearsal. What the first ones touch changes once more when the
// zygote has loaded their classes.
constexpr std::uint32_t kFirstEvents = 4;

bool may_teach(std::uint32_t event) {
  return event <= kFirstEvents || std::has_single_bit(event);
}

// The page is meant, not an object: any address in it will do.
[[gnu::no_sanitize_address]] void touch_page(std::uintptr_t address, bool write) {
  auto* const byte = static_cast<volatile char*>(to_pointer(address));
  const char value = *byte;
  if (write) *byte = value;
}

}  // namespace

// Only the holder of `learning` writes. A child that dies while it holds it ends the learning, but
// does no other harm.
struct WorkingSet::Shared {
  std::atomic<std::uint32_t> learning;
  std::atomic<std::uint32_t> events;
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
  if (!capabilities().pagemap) return;
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  shared_ = static_cast<Shared*>(memory);  // zero pages are its initial state
  find_mappings();
}

void WorkingSet::look_again() {
  if (!available()) return;
  find_mappings();
  // The next two events may teach.
  shared_->events.store(std::min(shared_->events.load(), kFirstEvents - 2));
}

void WorkingSet::find_mappings() {
  mappings_.clear();
  const auto own = reinterpret_cast<std::uintptr_t>(shared_);
  for (const Mapping& mapping : list_mappings()) {
    if (mapping.begin == own) anonymous_device_ = mapping.device;
    // The kernel's own pages ([vvar], [vdso]) are mapped in every process and never copied.
    const bool special = mapping.inode == 0 && !is_writable(mapping);
    const bool reserved = mapping.bytes() > kLargestMapping;
    if (!is_readable(mapping) || special || reserved || mapping.begin == own) continue;
    mappings_.push_back(mapping);
  }
}

const Mapping* WorkingSet::find_mapping(std::uintptr_t address) const {
  const auto after = std::ranges::upper_bound(mappings_, address, {}, &Mapping::begin);
  if (after == mappings_.begin()) return nullptr;
  const Mapping& mapping = *(after - 1);
  return address < mapping.end ? &mapping : nullptr;
}

void WorkingSet::settle() {
  if (available()) shared_->events.store(0);
}

bool WorkingSet::take_over() {
  if (!available()) return false;
  const std::size_t count = std::min(shared_->count.load(std::memory_order_acquire), kMostEntries);
  if (count == taken_) return false;
  for (; taken_ < count; ++taken_) {
    const std::uintptr_t entry = shared_->entries[taken_];
    const Mapping* mapping = find_mapping(page_of(entry));
    if (mapping == nullptr) continue;
    pages_.push_back(mapping->private_writable() ? entry : page_of(entry));
  }
  std::ranges::sort(pages_);
  // For a page that is both read and written, keep the last entry, which says written.
  const auto covered = [](std::uintptr_t one, std::uintptr_t next) {
    return page_of(one) == page_of(next);
  };
  const auto first = std::unique(pages_.rbegin(), pages_.rend(), covered).base();
  pages_.erase(pages_.begin(), first);
  arrange_touches();
  base::log(base::LogLevel::kDebug,
            "php-worker: zygote: learned pages, now " + std::to_string(pages_.size()));
  return true;
}

bool WorkingSet::touches(std::uintptr_t entry) const {
  return std::ranges::binary_search(pages_, entry);
}

// True when a page of the same mapping and block is touched: which of them is the first to be there
// depends on what is populated with it.
bool WorkingSet::touches_block_of(std::uintptr_t address, std::size_t block_bytes) const {
  const Mapping* const mapping = find_mapping(address);
  if (mapping == nullptr) return false;
  const std::uintptr_t block = address / block_bytes * block_bytes;
  const auto first = std::ranges::lower_bound(pages_, std::max(block, mapping->begin));
  return first != pages_.end() && *first < std::min(block + block_bytes, mapping->end);
}

// A page that is read stands for the block around it, which the kernel maps with it. So the pages
// of neighbouring blocks are in one row: what lies between them is mapped anyway.
void WorkingSet::arrange_touches() {
  touched_.clear();
  populated_.clear();
  const Mapping* last = nullptr;
  for (const std::uintptr_t entry : pages_) {
    const std::uintptr_t page = page_of(entry);
    const bool write = (entry & kWrittenBit) != 0;
    const Mapping* const mapping = find_mapping(page);
    if (mapping == nullptr) continue;
    if (mapping->inode == 0 || mapping->device == anonymous_device_) {
      touched_.push_back(entry);
      continue;
    }
    const bool continues =
        std::exchange(last, mapping) == mapping && populated_.back().write == write &&
        (write ? populated_.back().end == page
               : page / kBlockBytes <= (populated_.back().end - 1) / kBlockBytes + 1);
    if (continues) {
      populated_.back().end = page + kPageBytes;
    } else {
      populated_.push_back({page, page + kPageBytes, write});
    }
  }
}

void WorkingSet::touch() const {
  for (const std::uintptr_t entry : touched_) {
    touch_page(page_of(entry), (entry & kWrittenBit) != 0);
  }
}

// A kernel that cannot populate maps these pages when the event uses them.
void WorkingSet::populate_files() const {
  for (const FileRange& range : populated_) {
    if (range.write ? !capabilities().populate_write : !capabilities().populate_read) continue;
    // A range of a file that has become shorter is populated as far as it goes.
    ::madvise(to_pointer(range.begin), range.end - range.begin,
              range.write ? kPopulateWrite : kPopulateRead);
  }
}

void WorkingSet::learn(std::uint32_t minor_faults) {
  if (!available()) return;
  const std::uint32_t event = shared_->events.fetch_add(1) + 1;
  if (minor_faults < kFaultsWorthLearning || !may_teach(event)) return;
  if (shared_->learning.exchange(1) != 0) return;
  const base::Fd pagemap = open_pagemap();
  for (const Mapping& mapping : mappings_) learn_mapping(mapping, pagemap.get());
  shared_->learning.store(0);
}

void WorkingSet::learn_mapping(const Mapping& mapping, int pagemap) {
  std::array<std::uint64_t, 4 * kPagesOfHuge> pages;
  for (std::uintptr_t begin = mapping.begin; begin < mapping.end;) {
    const auto seen = read_pagemap(pagemap, begin, mapping.end, pages);
    if (seen.empty()) return;
    if (mapping.private_writable()) {
      learn_written(begin, seen);
    } else {
      // Shared memory that is all there is on a huge page, or will be: gather_opcache().
      const bool may_be_huge = mapping.device == anonymous_device_ && capabilities().collapse;
      learn_read(begin, seen, may_be_huge);
    }
    begin += seen.size() * kPageBytes;
  }
}

void WorkingSet::learn_written(std::uintptr_t begin, std::span<const std::uint64_t> pages) {
  const auto is_written = [](std::uint64_t page) {
    return (page & (kPagePresent | kPageOfFileOrShared | kPageMappedHereOnly)) ==
           (kPagePresent | kPageMappedHereOnly);
  };
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::uintptr_t address = begin + i * kPageBytes;
    if (!is_written(pages[i])) continue;
    if (!touches(address | kWrittenBit)) shared_->add(address | kWrittenBit);
    // The first touch of a huge page maps all of it.
    const auto rest = pages.subspan(i);
    const bool may_be_huge = address % kHugePageBytes == 0 && rest.size() >= kPagesOfHuge;
    if (may_be_huge && std::ranges::all_of(rest.first(kPagesOfHuge), is_written)) {
      i += kPagesOfHuge - 1;
    }
  }
}

// Skips pages of libraries that the linker has written to: fork copies the page tables of such
// memory, so they need no look.
void WorkingSet::learn_read(std::uintptr_t begin, std::span<const std::uint64_t> pages,
                            bool may_be_huge) {
  const auto looked_at = [](std::uint64_t page) {
    return (page & kPagePresent) != 0 && (page & kPageOfFileOrShared) != 0;
  };
  std::uintptr_t last_block = 0;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::uintptr_t address = begin + i * kPageBytes;
    if (!looked_at(pages[i]) || address / kBlockBytes == last_block) continue;
    const auto rest = pages.subspan(i);
    if (may_be_huge && address % kHugePageBytes == 0 && rest.size() >= kPagesOfHuge &&
        std::ranges::all_of(rest.first(kPagesOfHuge), looked_at)) {
      if (!touches_block_of(address, kHugePageBytes)) shared_->add(address);
      i += kPagesOfHuge - 1;
      continue;
    }
    last_block = address / kBlockBytes;
    if (!touches_block_of(address, kBlockBytes)) shared_->add(address);
  }
}

}  // namespace phork::sapi
