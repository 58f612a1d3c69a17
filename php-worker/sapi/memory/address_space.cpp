// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/address_space.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::sapi {
namespace {

// Takes a number and the character behind it off the front of `text`.
template <typename Number>
bool take_number(std::string_view& text, int radix, Number& number) {
  const auto taken = base::take_number<Number>(text, radix);
  if (!taken || text.empty()) return false;
  number = *taken;
  text.remove_prefix(1);
  return true;
}

// True when both mappings have the same memory at `address`: the same place of the same file, with
// the same access.
bool is_same(const Mapping& a, const Mapping& b, std::uintptr_t address) {
  if (a.access != b.access || a.inode != b.inode || a.device != b.device) return false;
  return a.inode == 0 || a.offset + (address - a.begin) == b.offset + (address - b.begin);
}

bool add_range(RangeList& list, std::uintptr_t begin, std::uintptr_t end) {
  if (list.count == list.items.size()) return false;
  list.items[list.count++] = {begin, end};
  return true;
}

// Walks through the mappings of before while those of now pass by in order.
class Comparison {
 public:
  Comparison(const MappingList& before, RangeList& extra) : before_(before), extra_(extra) {}

  bool take(const Mapping& now) {
    for (std::uintptr_t at = now.begin; at < now.end;) {
      if (next_ == before_.count || before_.items[next_].begin >= now.end) {
        return add_range(extra_, at, now.end);
      }
      const Mapping& expected = before_.items[next_];
      const std::uintptr_t missing = std::max(expected.begin, covered_);
      if (at < missing) {
        if (!add_range(extra_, at, missing)) return false;
        at = missing;
      }
      if (at > missing || !is_same(expected, now, at)) return false;
      at = covered_ = std::min(expected.end, now.end);
      if (covered_ == expected.end) ++next_;
    }
    return true;
  }

  bool complete() const { return next_ == before_.count; }

 private:
  const MappingList& before_;
  RangeList& extra_;
  std::size_t next_ = 0;        // the first of `before_` that was not found as a whole
  std::uintptr_t covered_ = 0;  // the end of what was compared so far
};

}  // namespace

// 7f12a000-7f12c000 rw-p 0001a000 fd:01 1234    /usr/lib/libm.so
// https://docs.kernel.org/filesystems/proc.html#process-specific-subdirectories
bool parse_mapping(std::string_view line, Mapping& mapping) {
  mapping = {};
  if (!take_number(line, 16, mapping.begin) || !take_number(line, 16, mapping.end)) return false;
  if (line.size() <= mapping.access.size()) return false;
  std::memcpy(mapping.access.data(), line.data(), mapping.access.size());
  line.remove_prefix(mapping.access.size() + 1);
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  if (!take_number(line, 16, mapping.offset) || !take_number(line, 16, major) ||
      !take_number(line, 16, minor)) {
    return false;
  }
  mapping.device = major << 32U | minor;
  const auto inode = base::take_number<decltype(mapping.inode)>(line);
  if (!inode) return false;
  mapping.inode = *inode;
  mapping.stack = line.ends_with("[stack]");
  return mapping.begin < mapping.end;
}

bool read_mappings(MappingList& list, int maps) {
  list.count = 0;
  off_t offset = 0;
  // The kernel returns whole lines, as many as fit into a page; a path has up to 4 KiB.
  std::array<char, 16'384> text;
  std::size_t filled = 0;
  for (;;) {
    const ssize_t got = ::pread(maps, text.data() + filled, text.size() - filled, offset);
    if (got <= 0) return got == 0 && filled == 0;
    offset += got;
    filled += static_cast<std::size_t>(got);
    std::string_view rest(text.data(), filled);
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos;
         rest.remove_prefix(end + 1)) {
      if (list.count == list.items.size()) return false;
      if (!parse_mapping(rest.substr(0, end), list.items[list.count++])) return false;
    }
    filled = rest.size();
    std::memmove(text.data(), rest.data(), filled);
  }
}

bool find_extra(const MappingList& before, const MappingList& now, RangeList& extra) {
  extra.count = 0;
  Comparison comparison(before, extra);
  for (const Mapping& mapping : now.all()) {
    if (!comparison.take(mapping)) return false;
  }
  return comparison.complete();
}

namespace {

// struct pm_scan_arg of <linux/fs.h>, which is newer than the headers that phork is built with.
struct ScanRequest {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t room;
  std::uint64_t room_count;
  std::uint64_t most_pages;
  std::uint64_t inverted;
  std::uint64_t all_of;
  std::uint64_t any_of;
  std::uint64_t shown;
};

constexpr std::uint64_t kScanFile = 1U << 2U;
constexpr std::uint64_t kScanPresent = 1U << 3U;
constexpr std::uint64_t kScanSwapped = 1U << 4U;

}  // namespace

PrivatePages scan_private_pages(int pagemap, std::uintptr_t begin, std::uintptr_t end,
                                std::span<PageRegion> room) {
  ScanRequest request{};
  request.size = sizeof request;
  request.begin = begin;
  request.end = end;
  request.room = reinterpret_cast<std::uintptr_t>(room.data());
  request.room_count = room.size();
  request.inverted = kScanFile;
  request.all_of = kScanFile;
  request.any_of = kScanPresent | kScanSwapped;
  request.shown = kScanPresent;
  const int found = ::ioctl(pagemap, _IOWR('f', 16, ScanRequest), &request);
  if (found < 0) return {{}, begin, false};
  return {room.first(static_cast<std::size_t>(found)), request.walk_end, true};
}

bool has_old_kernel() {
  return base::is_set("PHORK_OLD_KERNEL");
}

std::vector<Mapping> list_mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping{};
    if (parse_mapping(line, mapping)) mappings.push_back(mapping);
  }
  return mappings;
}

}  // namespace phork::sapi
