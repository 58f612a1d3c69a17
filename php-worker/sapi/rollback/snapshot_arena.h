// SPDX-License-Identifier: MIT
//
// The data of a snapshot (snapshot.h) that must not be part of it, in one mapping: the image's list
// of ranges, lists of pages, the contexts to switch between and the stack to run on.
//
// Code that runs on that stack uses this alone. It writes to no other memory before the copying
// begins, and calls only memcpy, memset and system calls, because any other function may keep state
// in the memory that is being restored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <ucontext.h>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/rollback/memory_signs.h"
#include "php-worker/sapi/rollback/snapshot.h"

namespace phork::sapi {

// 16 MB. Putting back more takes longer than forking another worker.
inline constexpr std::size_t kMostWritten = 4096;

// Private writable memory.
struct KeptRange {
  std::uintptr_t begin;
  std::uintptr_t end;
  int protection;
  bool of_file;  // an untouched page holds the file's bytes, else zeros
  // Mapped from the image at `offset`. In a range that is not, all pages count as written: the
  // stack, because the kernel grows only anonymous memory, what fork() empties, and memory that the
  // zygote has mapped since take().
  bool imaged;
  std::size_t offset;
  // By fork(), and so before each event: a generator of random numbers then seeds itself again.
  bool emptied = false;

  std::size_t bytes() const { return end - begin; }
};

// Laid over zeroed memory, which is its initial state.
struct SnapshotArena {
  static constexpr std::size_t kOwnStackBytes = std::size_t{256} << 10U;

  enum class Task : std::uint8_t { kTake, kMark, kRollBack };

  // Runs the task on the arena's stack. With kMark, returns again after each rollback.
  [[gnu::noinline]] void perform(Task wanted);

  // The tasks, on that stack. When a task fails, `problem` says why.
  [[noreturn]] void run();
  void take();
  bool write_image(std::uintptr_t begin, std::size_t bytes, std::uint64_t place) const;
  void mark();
  bool roll_back();

  // `emptied`: where mappings begin that fork() empties.
  bool list_ranges(std::span<const std::uintptr_t> emptied);
  // Adds ranges that were mapped since take(), except the arena.
  bool add_later_ranges();
  bool is_ours(const Mapping& entry) const;
  bool find_written(int pagemap);
  bool find_written(const KeptRange& range, int pagemap);
  // The same for ranges that follow one another closely, in few calls.
  bool scan_written(std::span<const KeptRange> near, int pagemap);
  bool add_written(std::span<const KeptRange>& left, const PageRegion& region);
  bool add_written(std::uintptr_t page);
  std::size_t count_near(std::size_t first) const;
  bool list_mappings();
  bool find_new_mappings();
  // Only where a page can have become the process's own since it was called last.
  bool find_newly_written();
  void record_signs();
  void close_files() const;
  void put_back_pages();
  // The bytes that a page had at mark(); null means zeros. Ask in order of address.
  class Original;
  void count_differing_pages();

  void fail(const char* what, int code) {
    problem = what;
    problem_code = code;
  }

  Task task;
  const char* problem;
  int problem_code;  // errno, 0 when there is none
  std::uint32_t rollbacks;

  MemoryFiles files;  // of this rollback
  bool scans;         // the kernel has PAGEMAP_SCAN
  bool counts_faults;

  ucontext_t own;
  bool own_is_set;
  ucontext_t caller;  // of take() and roll_back()
  ucontext_t marked;  // of mark()

  char* image;
  std::size_t image_bytes;
  int image_fd;
  std::array<KeptRange, 1024> ranges;  // in order of address
  std::size_t range_count;

  // The pages that were written between take() and mark(), and their bytes.
  std::array<std::uintptr_t, kMostWritten> kept_addresses;
  std::size_t kept_count;
  std::array<char, kMostWritten * kPageBytes> kept;

  std::array<std::uintptr_t, kMostWritten> written;
  std::size_t written_count;

  MappingList mappings;  // at mark()
  MappingSigns mapping_signs;
  FaultCounts faults;  // before `written` was found
  std::uintptr_t heap_end;
  MappingList mappings_now;
  RangeList extra;

  bool checks;  // count `differing` after each rollback, and look for what the signs miss
  std::size_t differing;

  std::array<std::uint64_t, 8192> pages;  // of pagemap
  std::array<PageRegion, 2048> regions;
  alignas(16) std::array<char, kOwnStackBytes> own_stack;
};

}  // namespace phork::sapi
