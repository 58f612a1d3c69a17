// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/snapshot_arena.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/auxv.h>
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

// Measured: from 64 to 1024 pages one scan of a gap takes as long as two scans around it.
constexpr std::uintptr_t kMostGap = 1'024 * kPageBytes;

std::uintptr_t break_now() {
  return static_cast<std::uintptr_t>(::syscall(SYS_brk, 0));
}

// An open file of /proc, for reading.
Fd open_file(const char* path) {
  return Fd(::open(path, O_RDONLY | O_CLOEXEC));
}

}  // namespace

void SnapshotArena::perform(Task wanted) {
  task = wanted;
  problem = nullptr;
  if (!own_is_set) {
    ::getcontext(&own);
    // A signal handler would run on half-restored memory. Switching back restores the mask.
    sigfillset(&own.uc_sigmask);
    own_is_set = true;
  }
  own.uc_stack.ss_sp = own_stack.data();
  own.uc_stack.ss_size = own_stack.size();
  own.uc_link = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(this);
  ::makecontext(&own, reinterpret_cast<void (*)()>(&enter), 2,
                static_cast<unsigned>(address >> 32U), static_cast<unsigned>(address));
  ::swapcontext(wanted == Task::kMark ? &marked : &caller, &own);
}

void SnapshotArena::run() {
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

bool SnapshotArena::list_mappings() {
  const Fd maps = open_file("/proc/self/maps");
  return read_mappings(mappings, maps.get());
}

bool SnapshotArena::list_ranges(std::span<const std::uintptr_t> emptied) {
  if (!list_mappings()) return false;
  for (const Mapping& entry : mappings.all()) {
    if (!entry.private_writable() || is_ours(entry)) continue;
    if (range_count == ranges.size()) return false;
    const bool is_emptied = std::ranges::find(emptied, entry.begin) != emptied.end();
    const bool imaged = !entry.stack && !is_emptied;
    ranges.at(range_count++) = {entry.begin,      entry.end, protection_of(entry),
                                entry.inode != 0, imaged,    image_bytes,
                                is_emptied};
    if (imaged) image_bytes += entry.end - entry.begin;
  }
  return true;
}

bool SnapshotArena::add_later_ranges() {
  if (!list_mappings()) return false;
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

// Not by a mapping of the image, where the kernel would clear each page in a fault before it is
// overwritten.
bool SnapshotArena::write_image(std::uintptr_t begin, std::size_t bytes,
                                std::uint64_t place) const {
  while (bytes > 0) {
    const ssize_t done = ::pwrite(image_fd, at(begin), bytes, static_cast<off_t>(place));
    if (done == -1) return false;
    begin += static_cast<std::size_t>(done);
    place += static_cast<std::size_t>(done);
    bytes -= static_cast<std::size_t>(done);
  }
  return true;
}

void SnapshotArena::take() {
  const Fd pagemap = open_pagemap();
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    if (!range.imaged) continue;
    for (std::uintptr_t from = range.begin; from < range.end;) {
      const auto found = read_pagemap(pagemap.get(), from, range.end, pages);
      if (found.empty()) return fail("read /proc/self/pagemap", errno);
      // An untouched page reads as zeros, and so does a hole in the image.
      const auto is_used = [&range](std::uint64_t page) {
        return range.of_file || (page & (kPagePresent | kPageSwapped)) != 0;
      };
      for (auto page = found.begin(); page != found.end();) {
        const auto first = std::find_if(page, found.end(), is_used);
        page = std::find_if_not(first, found.end(), is_used);
        const auto begin = from + static_cast<std::size_t>(first - found.begin()) * kPageBytes;
        const auto bytes = static_cast<std::size_t>(page - first) * kPageBytes;
        if (!write_image(begin, bytes, range.offset + (begin - range.begin))) {
          return fail("write the image", errno);
        }
      }
      from += found.size() * kPageBytes;
    }
  }
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    if (!range.imaged) continue;
    void* const mapped =
        ::mmap(at(range.begin), range.bytes(), range.protection,
               MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, image_fd, static_cast<off_t>(range.offset));
    if (mapped == MAP_FAILED) return fail("map memory from its image", errno);
  }
  if (::fcntl(image_fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
      -1) {
    fail("seal the image", errno);
  }
}

bool SnapshotArena::add_written(std::uintptr_t page) {
  if (written_count == written.size()) {
    fail("more pages were written than a rollback copies", 0);
    return false;
  }
  written[written_count++] = page;
  return true;
}

bool SnapshotArena::add_written(std::span<const KeptRange>& left, const PageRegion& region) {
  for (std::uintptr_t page = region.begin; page < region.end;) {
    while (!left.empty() && left.front().end <= page) left = left.subspan(1);
    if (left.empty()) return true;
    page = std::max(page, left.front().begin);
    const std::uintptr_t end = std::min<std::uintptr_t>(region.end, left.front().end);
    for (; page < end; page += kPageBytes) {
      if (!add_written(page)) return false;
    }
  }
  return true;
}

bool SnapshotArena::scan_written(std::span<const KeptRange> near, int pagemap) {
  std::span<const KeptRange> left = near;
  const std::uintptr_t end = near.back().end;
  for (std::uintptr_t from = near.front().begin; from < end;) {
    const PrivatePages found = scan_private_pages(pagemap, from, end, regions);
    if (!found.known || found.end <= from) {
      fail("ask /proc/self/pagemap for pages", errno);
      return false;
    }
    for (const PageRegion& region : found.regions) {
      if (!add_written(left, region)) return false;
    }
    from = found.end;
  }
  return true;
}

// How many ranges, from the first on, one scan covers. It looks at what lies between them too, so
// it is not to cross wide gaps.
std::size_t SnapshotArena::count_near(std::size_t first) const {
  const auto can_be_scanned = [this](std::size_t i) {
    // Of a file that was mapped later, untouched pages count as written.
    return ranges[i].imaged || !ranges[i].of_file;
  };
  std::size_t count = 1;
  if (!can_be_scanned(first)) return count;
  while (first + count < range_count && can_be_scanned(first + count) &&
         ranges[first + count].begin - ranges[first + count - 1].end <= kMostGap) {
    ++count;
  }
  return count;
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
      if (!add_written(from)) return false;
    }
  }
  return true;
}

bool SnapshotArena::find_written(int pagemap) {
  written_count = 0;
  for (std::size_t first = 0; first < range_count;) {
    const std::size_t count = scans ? count_near(first) : 1;
    const std::span<const KeptRange> near(ranges.data() + first, count);
    const bool one_by_one = !scans || (near[0].of_file && !near[0].imaged);
    const bool found = one_by_one ? find_written(near[0], pagemap) : scan_written(near, pagemap);
    if (!found) return false;
    first += count;
  }
  return true;
}

void SnapshotArena::mark() {
  // The zygote may have mapped memory since take(), which belongs to this state too.
  if (!add_later_ranges()) return fail("read /proc/self/maps", errno);
  const Fd pagemap = open_pagemap();
  if (scans) {
    const std::uintptr_t begin = ranges.front().begin;
    scans = scan_private_pages(pagemap.get(), begin, begin + kPageBytes, regions).known;
  }
  // An anonymous page that the kernel made part of a huge one would be written without a fault.
  for (const KeptRange& range : std::span(ranges.data(), range_count)) {
    if (!range.imaged) ::madvise(at(range.begin), range.bytes(), MADV_NOHUGEPAGE);
    if (range.emptied) std::memset(at(range.begin), 0, range.bytes());
  }
  faults = read_fault_counts();
  if (!find_written(pagemap.get())) return;
  kept_count = written_count;
  kept_addresses = written;
  for (std::size_t i = 0; i < kept_count; ++i) {
    std::memcpy(kept.data() + i * kPageBytes, at(kept_addresses[i]), kPageBytes);
  }
  heap_end = break_now();
  if (scans) record_signs();
}

void SnapshotArena::record_signs() {
  const Fd maps = open_file("/proc/self/maps");
  const Fd statm = open_file("/proc/self/statm");
  const std::array ours{reinterpret_cast<std::uintptr_t>(this),
                        reinterpret_cast<std::uintptr_t>(image),
                        static_cast<std::uintptr_t>(::getauxval(AT_SYSINFO_EHDR))};
  mapping_signs.record(mappings, ours, maps.get(), statm.get());
}

bool SnapshotArena::find_new_mappings() {
  const Fd opened_maps = files.maps >= 0 ? Fd() : open_file("/proc/self/maps");
  const Fd opened_statm = files.statm >= 0 ? Fd() : open_file("/proc/self/statm");
  const int maps = files.maps >= 0 ? files.maps : opened_maps.get();
  const int statm = files.statm >= 0 ? files.statm : opened_statm.get();
  extra.count = 0;
  const bool same = mapping_signs.are_same(maps, statm);
  if (same && !checks) return true;
  if (!read_mappings(mappings_now, maps)) {
    fail("read /proc/self/maps", errno);
    return false;
  }
  const bool all_there = find_extra(mappings, mappings_now, extra);
  const bool missed = same && (!all_there || extra.count != 0);
  if (!all_there) fail("a mapping was changed or removed", 0);
  if (missed) fail("a mapping was changed unseen [bug]", 0);
  return all_there && !missed;
}

bool SnapshotArena::find_newly_written() {
  const FaultCounts now = read_fault_counts();
  const bool none = counts_faults && files.counts_faults && now == faults;
  faults = now;
  if (none) return true;
  const Fd opened = files.pagemap >= 0 ? Fd() : open_pagemap();
  return find_written(files.pagemap >= 0 ? files.pagemap : opened.get());
}

bool SnapshotArena::roll_back() {
  if (!find_new_mappings() || !find_newly_written()) return false;
  // From here on the rollback cannot be refused.
  ::syscall(SYS_brk, heap_end);
  for (const AddressRange& range : extra.all()) ::munmap(at(range.begin), range.end - range.begin);
  close_files();
  put_back_pages();
  ++rollbacks;
  return true;
}

void SnapshotArena::close_files() const {
  const std::span<const int> numbers = files.to_close;
  for (std::size_t first = 0; first < numbers.size();) {
    std::size_t end = first + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    ::syscall(SYS_close_range, numbers[first], numbers[end - 1], 0);
    first = end;
  }
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
