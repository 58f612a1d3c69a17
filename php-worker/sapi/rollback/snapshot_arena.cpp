// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/snapshot_arena.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "php-worker/sapi/memory/address_space.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

using base::Fd;

char* at(std::uintptr_t address) {
  return static_cast<char*>(to_pointer(address));
}

int protection_of(const Mapping& mapping) {
  return (mapping.access[0] == 'r' ? PROT_READ : 0) | (mapping.access[1] == 'w' ? PROT_WRITE : 0) |
         (mapping.access[2] == 'x' ? PROT_EXEC : 0);
}

// Not memcmp: the dynamic linker may write to memory when it resolves a function's first call.
bool is_equal(const char* page, const char* original) {
  std::size_t i = 0;
  while (i < kPageBytes && page[i] == original[i]) ++i;
  return i == kPageBytes;
}

// makecontext() passes only 32-bit arguments.
void enter(unsigned high, unsigned low) {
  const std::uintptr_t address = std::uintptr_t{high} << 32U | low;
  reinterpret_cast<SnapshotArena*>(at(address))->run();
}

std::uintptr_t break_now() {
  return static_cast<std::uintptr_t>(::syscall(SYS_brk, 0));
}

}  // namespace

void SnapshotArena::perform(Task wanted) {
  task = wanted;
  problem = nullptr;
  ::getcontext(&own);
  own.uc_stack.ss_sp = own_stack.data();
  own.uc_stack.ss_size = own_stack.size();
  own.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(this);
  ::makecontext(&own, reinterpret_cast<void (*)()>(&enter), 2,
                static_cast<unsigned>(address >> 32U), static_cast<unsigned>(address));
  ::swapcontext(wanted == Task::kMark ? &marked : &caller, &own);
}

void SnapshotArena::run() {
  // A signal handler would run on half-restored memory. Switching back restores the signal mask.
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  bool to_mark = task == Task::kMark;
  switch (task) {
    case Task::kTake:
      take();
      break;
    case Task::kMark:
      mark();
      break;
    case Task::kRollBack:
      to_mark = roll_back();
      break;
  }
  ::setcontext(to_mark ? &marked : &caller);
  ::_exit(1);
}

// Guard pages on both sides keep the arena's mapping apart from others.
bool SnapshotArena::is_ours(const Mapping& entry) const {
  const auto address = reinterpret_cast<std::uintptr_t>(this);
  return entry.begin <= address && address < entry.end;
}

bool SnapshotArena::list_ranges() {
  if (!read_mappings(mappings)) return false;
  for (const Mapping& entry : mappings.all()) {
    if (!entry.private_writable() || is_ours(entry)) continue;
    if (range_count == ranges.size()) return false;
    ranges.at(range_count++) = {entry.begin,      entry.end,    protection_of(entry),
                                entry.inode != 0, !entry.stack, image_bytes};
    if (!entry.stack) image_bytes += entry.end - entry.begin;
  }
  return true;
}

bool SnapshotArena::add_later_ranges() {
  if (!read_mappings(mappings)) return false;
  const std::size_t known = range_count;
  std::size_t next = 0;
  for (const Mapping& entry : mappings.all()) {
    if (!entry.private_writable() || is_ours(entry)) continue;
    for (std::uintptr_t from = entry.begin; from < entry.end;) {
      while (next < known && ranges.at(next).end <= from) ++next;
      const std::uintptr_t to =
          next < known ? std::clamp(ranges.at(next).begin, from, entry.end) : entry.end;
      if (to > from) {
        if (range_count == ranges.size()) return false;
        ranges.at(range_count++) = {from, to, protection_of(entry), entry.inode != 0, false, 0};
      }
      from = to < entry.end ? ranges.at(next).end : to;
    }
  }
  std::ranges::sort(ranges.begin(), ranges.begin() + range_count, {}, &KeptRange::begin);
  return true;
}

void SnapshotArena::take() {
  const Fd pagemap = open_pagemap();
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    if (!range.imaged) continue;
    for (std::uintptr_t from = range.begin; from < range.end;) {
      const auto found = read_pagemap(pagemap.get(), from, range.end, pages);
      if (found.empty()) return fail("read /proc/self/pagemap", errno);
      for (std::size_t i = 0; i < found.size(); ++i, from += kPageBytes) {
        // An untouched page reads as zeros, and so does a hole in the image.
        if (!range.of_file && (found[i] & (kPagePresent | kPageSwapped)) == 0) continue;
        std::memcpy(image + range.offset + (from - range.begin), at(from), kPageBytes);
      }
    }
  }
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    if (!range.imaged) continue;
    void* const mapped =
        ::mmap(at(range.begin), range.bytes(), range.protection,
               MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image_fd, static_cast<off_t>(range.offset));
    if (mapped == MAP_FAILED) return fail("map memory from its image", errno);
  }
  if (::mprotect(image, image_bytes, PROT_READ) == -1) fail("protect the image", errno);
}

bool SnapshotArena::find_written(const KeptRange& range, int pagemap) {
  for (std::uintptr_t from = range.begin; from < range.end;) {
    const auto found = read_pagemap(pagemap, from, range.end, pages);
    if (found.empty()) {
      fail("read /proc/self/pagemap", errno);
      return false;
    }
    for (std::size_t i = 0; i < found.size(); ++i, from += kPageBytes) {
      const bool there = (found[i] & (kPagePresent | kPageSwapped)) != 0;
      // A page that still is the image's has not been written.
      if (!there || (range.imaged && (found[i] & kPageOfFileOrShared) != 0)) continue;
      if (written_count == written.size()) {
        fail("more pages were written than a rollback copies", 0);
        return false;
      }
      written[written_count++] = from;
    }
  }
  return true;
}

bool SnapshotArena::find_written() {
  written_count = 0;
  const Fd pagemap = open_pagemap();
  return std::ranges::all_of(std::span(ranges.data(), range_count), [&](const KeptRange& range) {
    return find_written(range, pagemap.get());
  });
}

void SnapshotArena::mark() {
  // The zygote may have mapped memory since take(), which belongs to this state too.
  if (!add_later_ranges()) return fail("read /proc/self/maps", errno);
  if (!find_written()) return;
  kept_count = written_count;
  kept_addresses = written;
  for (std::size_t i = 0; i < kept_count; ++i) {
    std::memcpy(kept.data() + i * kPageBytes, at(kept_addresses[i]), kPageBytes);
  }
  heap_end = break_now();
}

bool SnapshotArena::roll_back() {
  if (!read_mappings(mappings_now)) {
    fail("read /proc/self/maps", errno);
    return false;
  }
  if (!find_extra(mappings, mappings_now, extra)) {
    fail("a mapping was changed or removed", 0);
    return false;
  }
  if (!find_written()) return false;
  // From here on the rollback cannot be refused.
  if (break_now() != heap_end) ::syscall(SYS_brk, heap_end);
  for (const AddressRange& range : extra.all()) ::munmap(at(range.begin), range.end - range.begin);
  put_back_pages();
  ++rollbacks;
  return true;
}

class SnapshotArena::Original {
 public:
  explicit Original(const SnapshotArena& arena) : arena_(arena) {}

  const char* operator()(const KeptRange& range, std::uintptr_t address) {
    while (next_ < arena_.kept_count && arena_.kept_addresses[next_] < address) ++next_;
    if (next_ < arena_.kept_count && arena_.kept_addresses[next_] == address) {
      return arena_.kept.data() + next_ * kPageBytes;
    }
    return range.imaged ? arena_.image + range.offset + (address - range.begin) : nullptr;
  }

 private:
  const SnapshotArena& arena_;
  std::size_t next_ = 0;
};

void SnapshotArena::put_back_pages() {
  Original original(*this);
  const KeptRange* range = ranges.data();
  for (const std::uintptr_t address : std::span(written.data(), written_count)) {
    while (range->end <= address) ++range;
    if (const char* const bytes = original(*range, address)) {
      std::memcpy(at(address), bytes, kPageBytes);
    } else {
      std::memset(at(address), 0, kPageBytes);
    }
  }
  if (checks) count_differing_pages();
}

void SnapshotArena::count_differing_pages() {
  differing = 0;
  Original original(*this);
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    for (std::uintptr_t address = range.begin; address < range.end; address += kPageBytes) {
      const char* const bytes = original(range, address);
      // Pages of zeros are not compared, because reading them would map them.
      if (bytes != nullptr && !is_equal(at(address), bytes)) ++differing;
    }
  }
}

}  // namespace phork::sapi
